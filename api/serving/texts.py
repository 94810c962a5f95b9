"""Types for text in request bodies and addresses, with their checks."""

import re
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, WithJsonSchema

from ewarn.domain.target import SERVED_TARGETS, Target
from ewarn.domain.text import entered, is_written
from ewarn.domain.time import parse_clock, require_zone, stated_day
from ewarn.languages import field_faults
from ewarn.languages.catalogues import LANGUAGES, complete_languages

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_BEGINS_A_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", re.ASCII)
_Values = TypeVar("_Values", bound=Sequence[Hashable])


def _entered(value: object, *, at_most: int, lines: bool = False, trimmed: bool = True) -> object:
    """Check a text before its type, because errors of the type would quote invalid text."""
    if not isinstance(value, str):
        return value
    return entered(value, at_most=at_most, lines=lines, trimmed=trimmed)


def _as_written(value: str) -> str:
    if not is_written(value):
        raise ValueError(field_faults.UNWRITABLE())
    return value


def _without_repeats(values: _Values) -> _Values:
    if len(set(values)) < len(values):
        twice = next(value for at, value in enumerate(values) if value in values[:at])
        raise ValueError(field_faults.VALUE_REPEATED(value=twice))
    return values


def _clock(value: object) -> object:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    return parse_clock(str(value))


def _day(value: object) -> date:
    return stated_day(value if isinstance(value, str) else repr(value))


def _moment(value: object) -> object:
    """Refuse numbers, which would be read as seconds or milliseconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _BEGINS_A_MOMENT.match(value)):
        return value
    raise ValueError(field_faults.NO_MOMENT())


def _one_of(languages: Sequence[str]) -> Callable[[str], str]:
    """Return a check that a language is one of some."""

    def known(value: str) -> str:
        if value not in languages:
            raise ValueError(field_faults.NO_LANGUAGE(known=", ".join(languages)))
        return value

    return known


def _utc(value: datetime) -> datetime:
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise ValueError(field_faults.UNKNOWN_YEAR()) from None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(field_faults.OTHER_YEAR(first=_FIRST_YEAR, last=_LAST_YEAR))
    return moment


def served(targets: list[Target]) -> list[Target]:
    """Return the targets if all of them are scored.

    Raises:
        ValueError: A target is used only in back-tests.
    """
    for target in targets:
        if target not in SERVED_TARGETS:
            known = ", ".join(SERVED_TARGETS)
            raise ValueError(field_faults.NEVER_SCORED(target=target, known=known))
    return targets


NotRepeated = AfterValidator(_without_repeats)
UNIQUE: dict[str, Any] = {"uniqueItems": True}
_Given = Field(min_length=1)
# What the checks refuse, as far as a JSON Schema can say it: control characters.
_ON_A_LINE = {"pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"}
_ON_LINES = {"pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"}
_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$"
Whole = Annotated[int, Field(strict=True)]  # neither `true` nor "3" is a number
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
_WrittenClock = Annotated[str, Field(pattern=_CLOCK)]
ClockTime = Annotated[time, BeforeValidator(_clock, json_schema_input_type=_WrittenClock)]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment), AfterValidator(_utc)]

Code = Annotated[
    str,
    Field(max_length=60, json_schema_extra=_ON_A_LINE),
    BeforeValidator(partial(_entered, at_most=60)),
]
Asked = Annotated[  # a name in an address
    str, Field(max_length=200, json_schema_extra=_ON_A_LINE), AfterValidator(_as_written)
]
Name = Annotated[
    str,
    Field(max_length=200, json_schema_extra=_ON_A_LINE),
    BeforeValidator(partial(_entered, at_most=200)),
]
Line = Annotated[
    str,
    Field(max_length=500, json_schema_extra=_ON_A_LINE),
    BeforeValidator(partial(_entered, at_most=500)),
]
Words = Annotated[
    str,
    Field(max_length=2000, json_schema_extra=_ON_LINES),
    BeforeValidator(partial(_entered, at_most=2000, lines=True)),
]
LongWords = Annotated[
    str,
    Field(max_length=5000, json_schema_extra=_ON_LINES),
    BeforeValidator(partial(_entered, at_most=5000, lines=True)),
]
MOST_OF_FILE = 64 * 1024  # characters
FileText = Annotated[  # of a file, whose lines are counted
    str,
    Field(max_length=MOST_OF_FILE, json_schema_extra=_ON_LINES),
    BeforeValidator(partial(_entered, at_most=MOST_OF_FILE, lines=True, trimmed=False)),
]
GivenName = Annotated[Name, _Given]
GivenLine = Annotated[Line, _Given]
GivenWords = Annotated[Words, _Given]
GivenLongWords = Annotated[LongWords, _Given]
Codes = Annotated[list[Code], Field(max_length=300, json_schema_extra=UNIQUE), NotRepeated]
Names = Annotated[list[Name], Field(max_length=100, json_schema_extra=UNIQUE), NotRepeated]
ServedTarget = Annotated[
    Target, WithJsonSchema({"type": "string", "enum": [*map(str, SERVED_TARGETS)]})
]
Targets = Annotated[
    list[ServedTarget],
    Field(max_length=len(Target), json_schema_extra=UNIQUE),
    NotRepeated,
    AfterValidator(served),
]
