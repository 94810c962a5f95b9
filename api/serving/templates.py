"""Templates of HTML pages. Values are escaped, and a missing value is an error."""

from functools import cache
from pathlib import Path

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from ewarn.languages.templates import translated


@cache
def template(name: str) -> Template:
    """Return the template in a file of `api/pages/templates`, read once. It needs a `language`."""
    environment = translated(
        SandboxedEnvironment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
    )
    path = Path(__file__).parents[1] / "pages" / "templates" / name
    return environment.from_string(path.read_text(encoding="utf-8"))
