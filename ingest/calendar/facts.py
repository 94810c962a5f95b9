"""Conversion of calendar entries of every file format to rows of the event frame.

Every entry has the kind `election`, and tags that state what happens (`calendar:vote`) and its
topic (`topic:referendum`). Entries that are incidents count as such; the others count in no series.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from ewarn.domain.event import DatePrecision, LocationPrecision
from ewarn.domain.kinds import CALENDAR, CALENDAR_INCIDENTS, EventKind
from ewarn.domain.time import FIRST_DAY, LAST_DAY, known_after
from ewarn.errors import RecordRejected
from ewarn.files.values import shown
from ewarn.ports import Places
from ingest.exchange.format import AHEAD
from ingest.shared.csv_cells import MAX_ID

SOURCE = "calendar"
_MOST_DAYS = 31  # of one entry


class Topic(StrEnum):
    """The topic of an entry. Announced assemblies are not among them and are refused."""

    ELECTION = "election"
    REFERENDUM = "referendum"
    CONSTITUTIONAL_BILL = "constitutional-bill"
    ANNIVERSARY = "anniversary"


class What(StrEnum):
    """What happens on the day of an entry."""

    ANNOUNCED = "announced"
    VOTE = "vote"
    TABLED = "tabled"  # a bill is presented to parliament
    OBSERVED = "observed"  # an anniversary
    DEADLINE = "deadline"  # the last day on which a vote must be held
    DEADLINE_MET = "deadline-met"
    DEADLINE_MISSED = "deadline-missed"
    POSTPONED = "postponed"  # on the day of its announcement
    VOIDED = "voided"  # on the day of a vote that was not held
    ANNULLED = "annulled"


USUAL = {
    Topic.ELECTION: What.VOTE,
    Topic.REFERENDUM: What.VOTE,
    Topic.CONSTITUTIONAL_BILL: What.TABLED,
    Topic.ANNIVERSARY: What.OBSERVED,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry: its day or days, and since when it is known (None: not stated)."""

    id: str
    what: What
    topic: Topic
    first_day: date
    last_day: date
    known_at: datetime | None = None
    is_estimated: bool = False
    precision: DatePrecision = DatePrecision.DAY
    tags: tuple[str, ...] = ()
    summary: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The ids of a country and of a region in it; both are equal for the whole country."""

    country: str
    region: str


def row(fact: Fact, place: Place, line: int | None, read_at: datetime) -> dict[str, Any]:
    """Return the row of the event frame for an entry.

    If it is not stated since when the entry is known, this is the day after it ended, or the time
    of reading if that is earlier, because an entry in a file is known.

    Raises:
        RecordRejected: If the entry is wrong.
    """
    tag = f"{CALENDAR}{fact.what}"
    if not 1 <= len(fact.id) <= MAX_ID:
        raise RecordRejected(f"its id is empty or longer than {MAX_ID} characters")
    if not FIRST_DAY <= fact.first_day <= fact.last_day <= LAST_DAY:
        raise RecordRejected("its last day comes before its first, or before 1900, or after 2100")
    if not fact.deleted:
        _check_days(fact, read_at.date())
    if tag in CALENDAR_INCIDENTS and fact.first_day > read_at.date() and not fact.deleted:
        raise RecordRejected(f"{fact.what} cannot lie in the future: on {fact.first_day}")
    known_at = fact.known_at or known_after(fact.last_day)
    return {
        "source": SOURCE,
        "source_event_id": fact.id,
        "kind": EventKind.ELECTION.value,
        "occurred_on": fact.first_day,
        "ended_on": fact.last_day,
        "date_precision": fact.precision.value,
        "known_at": min(known_at, read_at),
        "known_at_estimated": fact.is_estimated or fact.known_at is None or known_at > read_at,
        "country": place.country,
        "region": place.region,
        "location_precision": (
            LocationPrecision.COUNTRY if place.region == place.country else LocationPrecision.ADMIN1
        ).value,
        "tags": ";".join(sorted({tag, f"topic:{fact.topic}", *fact.tags})),
        "summary": fact.summary,
        "deleted": fact.deleted,
        "line": line,
    }


def _check_days(fact: Fact, read_on: date) -> None:
    """Check that days were not mistyped; a withdrawn entry may have any days.

    Raises:
        RecordRejected: If there are too many days, or they are too far ahead.
    """
    days = (fact.last_day - fact.first_day).days + 1
    if days > _MOST_DAYS:
        raise RecordRejected(
            f"its days are {days}: an entry may have {_MOST_DAYS} at most; write one for its first "
            "day and one for its last"
        )
    if fact.last_day > read_on + AHEAD:
        raise RecordRejected(
            f"{fact.last_day} has not come: an entry may lie {AHEAD.days // 365} years ahead "
            "at most"
        )


def placed(places: Places, country: str, admin1: str = "") -> Place:
    """Return the place of an entry by names or codes.

    Raises:
        RecordRejected: If the country or the subdivision is unknown; a vote in an unknown province
            must not become a vote of the country.
    """
    found = places.country_named(country) if country else None
    if found is None:
        raise RecordRejected(f"country {shown(country)} is not a country of ISO 3166")
    if not admin1:
        return Place(found.id, found.id)
    region = places.named(admin1, found.id)
    if region is None:
        raise RecordRejected(f"admin1 {shown(admin1)} is not in {found.id}")
    return Place(found.id, region.id)


def without_contradictions(
    rows: Iterable[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Separate rows that contradict or repeat an earlier row for the same entry.

    Returns:
        The valid rows, the rows that contradict an earlier one, and the number of repeated rows.
    """
    kept: dict[tuple[str, datetime], dict[str, Any]] = {}
    against, again = [], 0
    for item in rows:
        first = kept.setdefault((item["source_event_id"], item["known_at"]), item)
        if first is item:
            continue
        if first | {"line": 0} == item | {"line": 0}:
            again += 1
        else:
            against.append(item)
    return list(kept.values()), against, again
