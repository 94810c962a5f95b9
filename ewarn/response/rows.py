"""From the rows of a sheet to recommendations; a bad row is refused with its line and reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from ewarn.domain.recommendation import Body, Recommendation, Status, Theme
from ewarn.domain.time import parse_day
from ewarn.errors import InputError, UsageError
from ewarn.response.follow_up import identity
from ewarn.response.sheets import Row, Sheet

REQUIRED = ("country", "body", "text", "owner", "given_on")
OPTIONAL = (
    "reference",
    "theme",
    "addressee",
    "due_on",
    "review_on",
    "status",
    "status_on",
    "evidence",
)
LONGEST = 5000  # characters of a cell
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was refused: where it stands, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Read:
    """The recommendations of a sheet with their lines, rows refused, and columns not known."""

    accepted: tuple[tuple[int, Recommendation], ...]
    rejected: tuple[Rejected, ...]
    unknown_columns: tuple[str, ...]


def read_rows(sheet: Sheet, country_of: Callable[[str], str | None], today: date) -> Read:
    """Recommendations of a sheet; `country_of` gives the alpha-3 code of what a cell names.

    Raises InputError where a column is missing.
    """
    missing = [name for name in REQUIRED if name not in sheet.columns]
    if missing:
        raise InputError(
            f"the file has no column {missing[0]!r}; it needs {', '.join(REQUIRED)}, and may have "
            f"{', '.join(OPTIONAL)}"
        )
    accepted: list[tuple[int, Recommendation]] = []
    rejected: list[Rejected] = []
    for row in sheet.rows:
        try:
            accepted.append((row.line, _recommendation(row, country_of, today)))
        except (UsageError, ValueError) as error:
            rejected.append(Rejected(row.line, str(error)))
    known = (*REQUIRED, *OPTIONAL)
    unknown = tuple(name for name in sheet.columns if name not in known)
    return Read(tuple(accepted), tuple(rejected), unknown)


def _recommendation(
    row: Row, country_of: Callable[[str], str | None], today: date
) -> Recommendation:
    cells = {name: row.cells.get(name, "") for name in (*REQUIRED, *OPTIONAL)}
    for name, text in cells.items():
        if len(text) > LONGEST:
            raise UsageError(f"{name} has more than {LONGEST} characters")
        if name in REQUIRED and not text:
            raise UsageError(f"{name} is empty")
    country = country_of(cells["country"])
    if country is None:
        raise UsageError(f"country {cells['country'][:60]!r} is none that this key covers")
    body = _choice(Body, "body", cells["body"])
    given_on = parse_day(cells["given_on"])
    status = _choice(Status, "status", cells["status"] or Status.OPEN)
    status_on = _day(cells["status_on"])
    if status_on is not None and status_on > today:
        raise UsageError(f"status_on is {status_on}, which is yet to come")
    return Recommendation(
        id=identity(country, body, cells["reference"], cells["text"]),
        country=country,
        body=body,
        reference=cells["reference"],
        text=cells["text"],
        theme=_choice(Theme, "theme", cells["theme"] or Theme.OTHER),
        addressee=cells["addressee"],
        owner=cells["owner"],
        given_on=given_on,
        due_on=_day(cells["due_on"]),
        review_on=_day(cells["review_on"]),
        status=status,
        status_on=status_on or given_on,
        evidence=cells["evidence"],
    )


def _day(text: str) -> date | None:
    return parse_day(text) if text else None


def _choice(choices: type[_Choice], name: str, text: str) -> _Choice:
    """One of an enumeration, in capitals or not, with spaces or hyphens for `_`."""
    try:
        return choices("_".join(text.lower().replace("-", " ").replace("_", " ").split()))
    except ValueError:
        known = ", ".join(choices)
        raise UsageError(f"{name} {text[:60]!r} is not one of {known}") from None
