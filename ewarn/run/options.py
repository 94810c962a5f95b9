"""Options that several commands have in common."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from ewarn.domain.persons import require_role
from ewarn.domain.time import end_of_day, parse_as_of, parse_day
from ewarn.errors import UsageError
from ewarn.languages.catalogues import complete_languages
from ewarn.places.countries import alpha_3_codes


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


def _moment(option: typer.CallbackParam, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_as_of(value)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{option.opts[0]}: {error}") from None


def settled(as_of: datetime | None, now: datetime) -> datetime:
    """Return the moment as of which somebody asks, or now. The end of today means now.

    Raises:
        UsageError: The moment has not come.
    """
    if as_of is None or as_of == end_of_day(now.date()):
        return now
    if as_of > now:
        raise UsageError(f"--as-of: {as_of:%Y-%m-%d %H:%M} UTC is in the future")
    return as_of


def _language(value: str) -> str:
    known = complete_languages()
    if value not in known:
        raise UsageError(f"--language: {value!r} is none of {', '.join(known)}")
    return value


def country_codes(incomplete: str) -> list[str]:
    """Return the codes of countries that begin with a text, to complete what somebody types."""
    return [
        code for code in sorted(alpha_3_codes().values()) if code.startswith(incomplete.upper())
    ]


def _languages(incomplete: str) -> list[str]:
    return [each for each in complete_languages() if each.startswith(incomplete)]


def _role(by: str) -> str:
    return require_role(by, "--by")


Json = Annotated[bool, typer.Option("--json", help="Print one line of JSON on standard output.")]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        help="Show what was known at the end of this day (UTC); default now.",
        parser=str,
        callback=_moment,
        metavar="YYYY-MM-DD",
    ),
]
Language = Annotated[
    str,
    typer.Option(help="Language of the answer.", callback=_language, autocompletion=_languages),
]
Countries = Annotated[
    list[str] | None,
    typer.Option(
        "--country", help="Country; repeatable; default all.", autocompletion=country_codes
    ),
]
Origin = Annotated[
    date | None, day_option("Monday to score or decide for; default the last one.", check=_monday)
]
Sources = Annotated[list[str] | None, typer.Argument(help="Sources; default all.")]
By = Annotated[
    str, typer.Option(help="Role or office that does it; stored permanently.", callback=_role)
]
Reason = Annotated[str, typer.Option(help="Reason; stored permanently.")]
