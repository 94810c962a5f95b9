"""The templates of messages: sandboxed, strict about names, escaped where they are HTML."""

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


def fill(name: str, values: dict[str, Any]) -> str:
    """A template of the folder `templates` with its gaps filled, without blanks around it.

    Among the values is the `language` it is written in.
    """
    return _ENVIRONMENT.get_template(name).render(values).strip()
