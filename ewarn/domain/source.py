"""Sources: their terms, their health, and what one read of them brought."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

# Sources with reports that people entrusted to an office: their rows come only from the office
# itself, and are passed on to nobody.
PROTECTED = frozenset({"kobo", "reports"})

# Sources whose events software extracts from the news: check them before you act on them.
MACHINE_CODED = frozenset({"gdelt", "polecat"})

LICENCES = ("acled", "polecat")  # an operator can state that it has these
OWN_DESK = "own-desk"  # the operator states that a licence covers its own desk
Statement = Literal["", "own-desk"]


class Health(StrEnum):
    """State of a source at a moment. Only `ok` supports a claim that nothing happened."""

    OK = "ok"
    LATE = "late"
    SILENT = "silent"
    SUSPECT = "suspect"
    DENIED = "denied"
    EMBARGOED = "embargoed"
    CHANGED = "changed"
    BROKEN = "broken"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Terms:
    """Licence of a source: its attribution, and whether its rows may be passed on or fitted on.

    `readers` names the licence that a key or a recipient must carry to get anything derived from
    the source. It is empty if none is needed, or none is enough.
    """

    attribution: str
    licence: str
    redistribute: bool
    train: bool
    url: str
    readers: str = ""

    @property
    def stays_in_account(self) -> bool:
        """Return whether neither rows nor anything derived from them may leave the account.

        An illustration may be passed on.
        """
        return not (self.train or self.redistribute)

    @property
    def is_closed(self) -> bool:
        """Return whether nobody may read what is derived from the source: it is not scored."""
        return self.stays_in_account and not self.readers

    def lets_read(self, licences: Collection[str]) -> bool:
        """Return whether a reader with some licences may read what is derived from the source."""
        return self.readers in licences if self.readers else not self.stays_in_account

    def stated(self, licence: str, statement: str) -> "Terms":
        """Return these terms under what the operator states about a licence.

        With `OWN_DESK` those who carry the licence may read; otherwise the terms stay the same.
        """
        return replace(self, readers=licence) if statement == OWN_DESK else self

    def unscored_for(self, setting: str) -> str | None:
        """Return why a source that waits for a statement is not scored; None once it is made."""
        if self.readers:
            return None
        return (
            "its terms keep it to its account; where your licence covers detectors of your own "
            f"desk, set {setting}={OWN_DESK}"
        )


def of_office(office: str) -> str:
    """Return the licence that allows reading what an office's own people report."""
    return f"office:{office}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was refused, with the physical line where it starts (None: no lines)."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """Days (both included) for which a payload holds every event of its source in a country.

    `country` `*` means everywhere. An event stored there and absent from the payload has been
    deleted by its publisher, known at `known_at`.
    """

    country: str
    first_day: date
    last_day: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Series:
    """An event that a payload holds with all its repetitions.

    A stored event whose id is this id, or this id with a hyphen and a day, belongs to it. If the
    payload lacks the event, it is no longer part of the series, known at `known_at`.
    """

    id: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Payload:
    """What a provider sent, unchanged, with its origin and the days it covers.

    `published_at` is the provider's own mark of how far the data reach, if it has one. The next
    fetch continues from there, so that a file published late is not missed. `whole` are the days
    that it holds completely; empty if absence means nothing. A `protected` payload is sealed
    wherever it is stored, or not stored at all.
    """

    source: str
    name: str
    body: bytes = field(repr=False)
    fetched_at: datetime
    first_day: date | None = None
    last_day: date | None = None
    published_at: datetime | None = None
    whole: tuple[Span, ...] = ()
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A payload that the provider has but that could not be fetched whole: it is tried again."""

    source: str
    name: str
    reason: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedPayload:
    """A payload of an archive as its publisher lists it.

    It has a name, size in bytes, MD5 if given, mark, and its days (both included). `span` is how
    much of their time it covers.
    """

    name: str
    size: int
    md5: str | None
    published_at: datetime
    first_day: date
    last_day: date
    span: timedelta


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whole ISO weeks (their Mondays, both included) that a source has observed in a country.

    `country` `*` means everywhere. A week without coverage is missing, not zero.
    """

    source: str
    country: str
    first_week: date
    last_week: date


@dataclass(frozen=True, slots=True)
class VolumeDrop:
    """A region from which hardly any records of any kind come any more: a shutdown, an outage.

    `records` came in the three days up to `until`, where `expected` were usual.
    """

    source: str
    region: str
    until: date
    records: int
    expected: float


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Health of a source with its reason in words.

    `cadence` is how often something new is expected: learned from its own history if that is long
    enough, else as its class declares it. `unread` counts payloads that could not be read.
    """

    source: str
    health: Health
    reason: str
    last_success_at: datetime | None = None
    last_event_on: date | None = None
    cadence: timedelta | None = None
    unread: int = 0
