"""Render the templates of messages: sandboxed, strict about names, with HTML escaped."""

from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from ewarn.languages.templates import translated

_ENVIRONMENT = translated(
    SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
)


def render(name: str, values: dict[str, Any]) -> str:
    """Render a template of the folder `templates` and strip the white space around it.

    `values` must contain the `language` of the text.
    """
    return _ENVIRONMENT.get_template(name).render(values).strip()
