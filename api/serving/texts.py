"""Text that people send: every string of a body or an address is of one of these types."""

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from ewarn.domain.target import SERVED_TARGETS, Target
from ewarn.domain.text import entered, is_written
from ewarn.domain.time import parse_clock, require_zone, stated_day
from ewarn.languages.catalogues import LANGUAGES, complete_languages

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_BEGINS_A_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)
_Values = TypeVar("_Values", bound=Sequence[Hashable])


def _entered(value: object, *, at_most: int, lines: bool = False) -> object:
    """Checked before the type is, whose errors would quote a text that cannot be written."""
    return entered(value, at_most=at_most, lines=lines) if isinstance(value, str) else value


def _as_written(value: str) -> str:
    if not is_written(value):
        raise ValueError("holds characters that cannot be written")
    return value


def _without_repeats(values: _Values) -> _Values:
    if len(set(values)) < len(values):
        twice = next(value for at, value in enumerate(values) if value in values[:at])
        raise ValueError(f"{twice!s} is given more than once")
    return values


def _clock(value: object) -> object:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    return parse_clock(str(value))


def _day(value: object) -> date:
    return stated_day(value if isinstance(value, str) else repr(value))


def _moment(value: object) -> object:
    """A number would be read as seconds, or as milliseconds, since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _BEGINS_A_MOMENT.match(value)):
        return value
    raise ValueError("must be a text such as 2026-12-09T00:00:00Z")


def _one_of(languages: Sequence[str]) -> Callable[[str], str]:
    """A check that a language is one of some."""

    def known(value: str) -> str:
        if value not in languages:
            raise ValueError(f"must be one of {', '.join(languages)}")
        return value

    return known


def _utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years that can be told") from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"must lie in the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def served(targets: list[Target]) -> list[Target]:
    """Targets that are scored; raises ValueError for another."""
    for target in targets:
        if target not in SERVED_TARGETS:
            known = ", ".join(SERVED_TARGETS)
            raise ValueError(f"{target} is judged in back-tests only, never scored; use {known}")
    return targets


NotRepeated = AfterValidator(_without_repeats)
_Given = Field(min_length=1)
Whole = Annotated[int, Field(strict=True)]  # `true` is no number, nor is "3"
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Language = Annotated[
    str, AfterValidator(_one_of(LANGUAGES)), Field(json_schema_extra={"enum": [*LANGUAGES]})
]
_COMPLETE = complete_languages()
CompleteLanguage = Annotated[
    str, AfterValidator(_one_of(_COMPLETE)), Field(json_schema_extra={"enum": [*_COMPLETE]})
]
Zone = Annotated[str, AfterValidator(require_zone)]
ClockTime = Annotated[time, BeforeValidator(_clock, json_schema_input_type=str)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_utc)]

Code = Annotated[str, Field(max_length=60), BeforeValidator(partial(_entered, at_most=60))]
Asked = Annotated[str, Field(max_length=200), AfterValidator(_as_written)]  # a name in an address
Name = Annotated[str, Field(max_length=200), BeforeValidator(partial(_entered, at_most=200))]
Line = Annotated[str, Field(max_length=500), BeforeValidator(partial(_entered, at_most=500))]
Words = Annotated[
    str, Field(max_length=2000), BeforeValidator(partial(_entered, at_most=2000, lines=True))
]
LongWords = Annotated[
    str, Field(max_length=5000), BeforeValidator(partial(_entered, at_most=5000, lines=True))
]
GivenName = Annotated[Name, _Given]
GivenLine = Annotated[Line, _Given]
GivenWords = Annotated[Words, _Given]
GivenLongWords = Annotated[LongWords, _Given]
Codes = Annotated[list[Code], Field(max_length=300), NotRepeated]
Names = Annotated[list[Name], Field(max_length=100), NotRepeated]
Targets = Annotated[
    list[Target], Field(max_length=len(Target)), NotRepeated, AfterValidator(served)
]
