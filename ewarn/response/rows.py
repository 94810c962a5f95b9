"""Read the rows of a sheet as recommendations; a bad row is refused with its line and reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from ewarn.domain.recommendation import Body, Recommendation, Status, Theme
from ewarn.errors import InputError, UsageError
from ewarn.files.records import Record
from ewarn.files.values import check_identifier, day_of
from ewarn.languages import row_reasons
from ewarn.response.follow_up import identity
from ewarn.response.sheets import read_sheet

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
    """A row that was refused: its line, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecommendationFile:
    """The recommendations of a list with their lines, the rows refused, and notes."""

    accepted: tuple[tuple[int, Recommendation], ...]
    rejected: tuple[Rejected, ...]
    notes: tuple[str, ...]


def read_rows(
    body: bytes, country_of: Callable[[str], str | None], today: date
) -> RecommendationFile:
    """Return the recommendations of a CSV text or a workbook.

    Args:
        country_of: Returns the alpha-3 code of the country that a cell names.

    Raises:
        InputError: The file is no table, or a column is missing.
    """
    table, records = read_sheet(body, REQUIRED)
    missing = [name for name in REQUIRED if name not in table.columns]
    if missing:
        raise InputError(
            f"the file has no column {missing[0]!r}; it needs {', '.join(REQUIRED)}, and may have "
            f"{', '.join(OPTIONAL)}"
        )
    accepted: list[tuple[int, Recommendation]] = []
    rejected: list[Rejected] = []
    for record in records:
        try:
            if record.fault is not None:
                raise UsageError(record.fault)
            accepted.append((record.line, _recommendation(record, country_of, today)))
        except UsageError as error:
            rejected.append(Rejected(record.line, str(error)))
    known = (*REQUIRED, *OPTIONAL)
    unknown = [
        row_reasons.UNKNOWN_COLUMN(name=repr(name)) for name in table.columns if name not in known
    ]
    return RecommendationFile(tuple(accepted), tuple(rejected), (*table.notes, *unknown))


def _recommendation(
    record: Record, country_of: Callable[[str], str | None], today: date
) -> Recommendation:
    cells = {name: record.cells.get(name, "") for name in (*REQUIRED, *OPTIONAL)}
    for name, text in cells.items():
        if len(text) > LONGEST:
            raise UsageError(row_reasons.TOO_LONG(column=name, most=LONGEST))
        if name in REQUIRED and not text:
            raise UsageError(row_reasons.EMPTY(column=name))
    country = country_of(cells["country"])
    if country is None:
        raise UsageError(row_reasons.OTHER_COUNTRY(name=repr(cells["country"][:60])))
    body = _choice(Body, "body", cells["body"])
    given_on = _day("given_on", cells["given_on"])
    if given_on is None or given_on > today:
        raise UsageError(row_reasons.IN_FUTURE(column="given_on", day=given_on))
    _check_reference(cells["reference"])
    status = _choice(Status, "status", cells["status"] or Status.OPEN)
    status_on = _day("status_on", cells["status_on"])
    if status_on is not None and status_on > today:
        raise UsageError(row_reasons.IN_FUTURE(column="status_on", day=status_on))
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
        due_on=_day("due_on", cells["due_on"]),
        review_on=_day("review_on", cells["review_on"]),
        status=status,
        status_on=status_on or given_on,
        evidence=cells["evidence"],
    )


def _day(name: str, text: str) -> date | None:
    try:
        return day_of(text) if text else None
    except ValueError as error:
        raise UsageError(f"{name} {error}") from None


def _check_reference(text: str) -> None:
    try:
        check_identifier(text)
    except ValueError as error:
        raise UsageError(f"reference {error}") from None


def _choice(choices: type[_Choice], name: str, text: str) -> _Choice:
    """Return a member of an enumeration, whatever the case, with spaces or hyphens for `_`."""
    try:
        return choices("_".join(text.lower().replace("-", " ").replace("_", " ").split()))
    except ValueError:
        known = ", ".join(choices)
        reason = row_reasons.NOT_ONE_OF(column=name, value=repr(text[:60]), known=known)
        raise UsageError(reason) from None
