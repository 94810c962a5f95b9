"""Recipients: who is told of what, where, and at what pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ewarn.domain.notice import News
from ewarn.domain.target import Band
from ewarn.domain.time import DAY

LONGEST_PATIENCE = 28 * DAY  # of news that asks nobody to act
# No message waits longer on purpose: for another message, a weekly digest, the budget of a day, the
# end of quiet hours. A moment further ahead comes from a clock that was wrong.
LONGEST_DELAY = LONGEST_PATIENCE + 7 * DAY + DAY + DAY

_MACHINES = frozenset({"log", "webhook", "alertmanager"})
_READ_BY_PROGRAMS = frozenset({"webhook", "alertmanager"})


def most_a_day(channel: str) -> int | None:
    """How many messages a day a channel takes where nobody said: people two, machines any."""
    return None if channel in _MACHINES else 2


def has_come(due_at: datetime, now: datetime) -> bool:
    """Whether what was to leave at a moment may leave now."""
    return not now < due_at <= now + LONGEST_DELAY


class Digest(StrEnum):
    """How often what is not urgent is gathered into one message."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on Mondays


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of every day, on the clock of a time zone, in which only what is urgent is sent."""

    begins: time
    ends: time
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError("quiet hours that begin and end at one time are none: leave them out")

    def over_at(self, now: datetime) -> datetime:
        """The end of the quiet hours that hold a moment; the moment itself outside of them."""
        there = now.astimezone(ZoneInfo(self.zone))
        if not self._holds(there.time()):
            return now
        ends = datetime.combine(there.date(), self.ends, tzinfo=there.tzinfo)
        if ends <= there:
            ends = datetime.combine(there.date() + DAY, self.ends, tzinfo=there.tzinfo)
        return ends.astimezone(UTC)

    def _holds(self, clock: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a recipient is disturbed. What is urgent waits for none of it.

    `digest_at` and quiet hours are read on the clock of their zones. `most_a_day` messages leave
    in any 24 hours; the others wait, and go together. `repeat_days` after the last word of an
    alert that nobody acknowledged, it is told again.
    """

    digest: Digest | None = None
    digest_at: time = time(8)
    zone: str = "UTC"
    quiet: QuietHours | None = None
    most_a_day: int | None = None
    repeat_days: int | None = 56

    def due_at(self, now: datetime, *, urgent: bool) -> datetime:
        """When news that came up now may leave."""
        if urgent:
            return now
        due = self.next_digest(now)
        return due if self.quiet is None else self.quiet.over_at(due)

    def room_at(self, now: datetime, sent: Sequence[datetime]) -> datetime:
        """When the next message may leave after those `sent`; `now` where there is room."""
        lately = sorted(moment for moment in sent if now - DAY < moment < now + DAY)
        if self.most_a_day is None or len(lately) < self.most_a_day:
            return now
        free = lately[-self.most_a_day] + DAY
        return free if self.quiet is None else self.quiet.over_at(free)

    def next_digest(self, now: datetime) -> datetime:
        """When the next digest leaves; `now` where none is gathered."""
        if self.digest is None:
            return now
        there = now.astimezone(ZoneInfo(self.zone))
        due = datetime.combine(there.date(), self.digest_at, tzinfo=there.tzinfo)
        while due < there or (self.digest is Digest.WEEKLY and due.weekday() != 0):
            due = datetime.combine(due.date() + DAY, self.digest_at, tzinfo=there.tzinfo)
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of one office or subscriber, and what it wants to hear.

    Each tuple that is not empty must hold what the news is about; `*` among `countries` stands
    for all. `level` and `at_least` are the lowest band and probability of an alert that is told.
    Those of a later `tier` hear of an alert once those before have let it pass unacknowledged.
    `signers` name the keys that sign what is sent there; none for the operator's own. `licences`
    let it hear of what comes of sources that ask for them.
    """

    id: str
    owner: str
    channel: str
    address: str
    language: str
    countries: tuple[str, ...] = ("*",)
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    level: Band = Band.UNCALIBRATED
    at_least: float | None = None
    tier: int = 1
    pace: Pace = field(default_factory=Pace)
    signers: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()

    def due_at(self, now: datetime, news: News) -> datetime:
        """When news that came up now may leave: after its patience, unless a program reads it."""
        waits = timedelta(0) if self.channel in _READ_BY_PROGRAMS else news.patience
        return self.pace.due_at(now + waits, urgent=news.urgent)

    def may_read(self, news: News) -> bool:
        """Whether it carries the licence that the news asks for, if it asks for one."""
        return not news.readers or news.readers in self.licences

    def covers(self, news: News) -> bool:
        """Whether the news is of a place and target this recipient watches, and may read of."""
        return (
            self.may_read(news)
            and (
                "*" in (*self.countries, *news.countries)
                or bool(set(self.countries) & set(news.countries))
            )
            and (not self.regions or news.region in self.regions)
            and (not self.targets or news.target is None or news.target.value in self.targets)
        )

    def wants(self, news: News) -> bool:
        """Whether the news is grave enough, and of its turn, to be told here."""
        return (
            self.covers(news)
            and self.tier <= news.tier
            and (news.band is None or news.band.rank >= self.level.rank)
            and (self.at_least is None or news.band is None or _reaches(news, self.at_least))
        )


def _reaches(news: News, least: float) -> bool:
    return news.probability is not None and news.probability >= least
