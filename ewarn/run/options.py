"""Options that several commands have in common."""

from datetime import date
from typing import Annotated, Any

import typer

from ewarn.domain.persons import require_role
from ewarn.domain.time import parse_day
from ewarn.errors import UsageError


def _day(option: typer.CallbackParam, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return parse_day(value)
    except ValueError as error:
        raise UsageError(f"{option.opts[0]}: {error}") from None


def _monday(option: typer.CallbackParam, value: str | None) -> date | None:
    day = _day(option, value)
    if day is not None and day.weekday() != 0:
        raise UsageError(f"{option.opts[0]}: {day} is a {day:%A}; an origin is a Monday")
    return day


def day_option(help: str, *names: str, check: Any = _day) -> Any:
    """Return an option whose value is a day."""
    return typer.Option(*names, help=help, parser=str, callback=check, metavar="YYYY-MM-DD")


def _role(by: str) -> str:
    return require_role(by, "--by")


Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON on standard output.")]
Origin = Annotated[
    date | None, day_option("Monday to score or decide for; default the last one.", check=_monday)
]
Sources = Annotated[list[str] | None, typer.Argument(help="Sources; default all.")]
By = Annotated[
    str, typer.Option(help="Role or office that does it; stored permanently.", callback=_role)
]
Reason = Annotated[str, typer.Option(help="Reason; stored permanently.")]
