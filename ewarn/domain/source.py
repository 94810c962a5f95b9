"""What a source is allowed for, how it is doing, and what one reading of it brought."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

# Sources that hold what people entrusted to an office: their rows come by their own way only, and
# go to nobody.
PROTECTED = frozenset({"kobo"})

# Sources whose events software reads out of the news: whoever acts on them must look first.
MACHINE_CODED = frozenset({"gdelt", "polecat"})

LICENCES = ("acled", "polecat")  # that an operator can state
OWN_DESK = "own-desk"  # the operator states that a licence covers the own desk
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
    """Licence of a source: who to name, and whether its rows may be passed on or fitted on.

    `readers` names the licence that a key or a recipient must carry to get anything that comes of
    the source; empty where none is needed, or none helps.
    """

    attribution: str
    licence: str
    redistribute: bool
    train: bool
    url: str
    readers: str = ""

    @property
    def keeps_to_account(self) -> bool:
        """Whether neither rows nor anything derived from them may leave the account they came by.
        An illustration may be passed on.
        """
        return not (self.train or self.redistribute)

    @property
    def is_closed(self) -> bool:
        """Whether nobody may read what comes of the source: it is not scored."""
        return self.keeps_to_account and not self.readers

    def lets_read(self, licences: Collection[str]) -> bool:
        """Whether who carries some licences may read what comes of the source."""
        return self.readers in licences if self.readers else not self.keeps_to_account

    def stated(self, licence: str, statement: str) -> "Terms":
        """These terms under what the operator states of a licence: with `OWN_DESK` those who
        carry it may read; else they stay as they are."""
        return replace(self, readers=licence) if statement == OWN_DESK else self

    def unscored_for(self, setting: str) -> str | None:
        """Why nothing is scored of a source that waits for a statement; None once it is made."""
        if self.readers:
            return None
        return (
            "its terms keep it to its account; where your licence covers detectors of your own "
            f"desk, set {setting}={OWN_DESK}"
        )


def of_office(office: str) -> str:
    """The licence that lets read what an office's own people report."""
    return f"office:{office}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that was refused, with the physical line where it starts (None: no lines)."""

    line: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Span:
    """Days (both included) of which a payload holds every event of its source in a country.

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

    One stored under its id, or that id and a hyphen with a day, and absent from the payload is no
    longer part of it, known at `known_at`.
    """

    id: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Payload:
    """What a provider sent, untouched, with where it came from and the days it speaks for.

    `published_at` is the provider's own mark of how far it reads, where it has one: the next
    fetch goes on from there, so that a file published late is not passed over. `whole` are the
    days it holds completely; empty where absence says nothing. A `protected` one is sealed wherever
    it is kept, or not kept at all.
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
    """A payload that the provider has but that could not be had whole: it is tried again."""

    source: str
    name: str
    reason: str
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedPayload:
    """A payload of an archive as its publisher lists it: name, size in bytes, MD5 if it is told,
    mark, and the days (both included) it holds. `span` is how much of their time it speaks for.
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
    """A region from which nearly nothing comes any more, of any kind: a shutdown, an outage.

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

    `cadence` is how often something new is expected: learned from its own history where that is
    long enough, else as its class declares it. `unread` counts payloads that could not be read.
    """

    source: str
    health: Health
    reason: str
    last_success_at: datetime | None = None
    last_event_on: date | None = None
    cadence: timedelta | None = None
    unread: int = 0
