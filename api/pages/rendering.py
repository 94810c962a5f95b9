"""Templates of HTML pages. Values are escaped, and a missing value is an error."""

from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from ewarn.languages.templates import translated

_FOLDER = Path(__file__).with_name("templates")


def template(name: str) -> Template:
    """Return the template in a file of `api/pages/templates`, read once. It needs a `language`."""
    return _environment().get_template(name)


@cache
def _environment() -> SandboxedEnvironment:
    return translated(
        SandboxedEnvironment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
    )
