"""Jinja templates whose messages are translated into the language of the reader."""

from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from ewarn.languages.catalogues import translation


def translated(environment: SandboxedEnvironment) -> SandboxedEnvironment:
    """Add gettext's functions to the templates of an environment, for messages with `%(name)s`.

    A template must be rendered with a `language`. In HTML a translation is escaped like any other
    text.
    """
    environment.globals |= {"gettext": _gettext, "ngettext": _ngettext, "pgettext": _pgettext}
    return environment


@pass_context
def _gettext(context: Context, message: str, **values: object) -> str:
    return translation(context["language"]).gettext(message) % values


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int, **values: object) -> str:
    return translation(context["language"]).ngettext(one, many, number) % values


@pass_context
def _pgettext(context: Context, meaning: str, message: str, **values: object) -> str:
    return translation(context["language"]).pgettext(meaning, message) % values
