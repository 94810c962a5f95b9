"""Recipients: who is notified of what, where, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from ewarn.domain.notification import News
from ewarn.domain.target import Band
from ewarn.domain.time import DAY

LONGEST_WAIT = 28 * DAY  # how long news that asks nobody to act waits for another message
# A message waits at most for another message, a weekly digest, the daily limit and the end of quiet
# hours. A time further in the future comes from a clock that was wrong.
LONGEST_DELAY = LONGEST_WAIT + 7 * DAY + DAY + DAY

_MACHINES = frozenset({"log", "webhook", "alertmanager"})
READ_BY_PROGRAMS = frozenset({"webhook", "alertmanager"})  # their messages can be signed


def most_a_day(channel: str) -> int | None:
    """Return the default limit of messages a day: two for people, none (None) for machines."""
    return None if channel in _MACHINES else 2


def has_come(due_at: datetime, now: datetime) -> bool:
    """Return whether a message that was due at a moment may leave now."""
    return not now < due_at <= now + LONGEST_DELAY


class Digest(StrEnum):
    """How often news that is not urgent is collected into one message."""

    DAILY = "daily"
    WEEKLY = "weekly"  # on Mondays


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of every day, in a time zone, in which only urgent messages are sent."""

    begins: time
    ends: time
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError("quiet hours must begin and end at different times; or leave them out")

    def over_at(self, now: datetime) -> datetime:
        """Return the end of the quiet hours around a moment; outside of them the moment itself."""
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
    """How often a recipient gets messages. Urgent news waits for none of it.

    `digest_at` and quiet hours are in the time of their zones. At most `most_a_day` messages leave
    in any 24 hours; the others wait, and leave together. If nobody acknowledges an alert, it is
    repeated `repeat_days` after the last notification.
    """

    digest: Digest | None = None
    digest_at: time = time(8)
    zone: str = "UTC"
    quiet: QuietHours | None = None
    most_a_day: int | None = None
    repeat_days: int | None = 56

    def due_at(self, now: datetime, *, urgent: bool) -> datetime:
        """Return when news of this moment may leave."""
        if urgent:
            return now
        due = self.next_digest(now)
        return due if self.quiet is None else self.quiet.over_at(due)

    def room_at(self, now: datetime, sent: Sequence[datetime]) -> datetime:
        """Return when the next message may leave after those `sent`, or `now` if there is room."""
        lately = sorted(moment for moment in sent if now - DAY < moment < now + DAY)
        if self.most_a_day is None or len(lately) < self.most_a_day:
            return now
        free = lately[-self.most_a_day] + DAY
        return free if self.quiet is None else self.quiet.over_at(free)

    def next_digest(self, now: datetime) -> datetime:
        """Return when the next digest leaves, or `now` if there is none."""
        if self.digest is None:
            return now
        there = now.astimezone(ZoneInfo(self.zone))
        due = datetime.combine(there.date(), self.digest_at, tzinfo=there.tzinfo)
        while due < there or (self.digest is Digest.WEEKLY and due.weekday() != 0):
            due = datetime.combine(due.date() + DAY, self.digest_at, tzinfo=there.tzinfo)
        return due.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address of one office or subscriber, and what it is to be notified of.

    Each tuple that is not empty must hold what the news is about; `*` in `countries` means all.
    `level` and `at_least` are the lowest band and probability of an alert. A later `tier` is
    notified once the tiers before it did not acknowledge the alert in time. `signers` are the names
    of the keys that sign its messages; the operator's own recipients have none. `licences` let it
    read what is derived from sources that ask for them.
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
        """Return when news of this moment may leave; only news for a person waits."""
        waits = timedelta(0) if self.channel in READ_BY_PROGRAMS else news.max_wait
        return self.pace.due_at(now + waits, urgent=news.urgent)

    def may_read(self, news: News) -> bool:
        """Return whether it carries the licence that the news asks for, if any."""
        return not news.readers or news.readers in self.licences

    def covers(self, news: News) -> bool:
        """Return whether the news is of a place and target that it watches and may read about."""
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
        """Return whether the news has the level and tier of which it is to be notified."""
        return (
            self.covers(news)
            and self.tier <= news.tier
            and (news.band is None or news.band.rank >= self.level.rank)
            and (self.at_least is None or news.band is None or _reaches(news, self.at_least))
        )


def _reaches(news: News, least: float) -> bool:
    return news.probability is not None and news.probability >= least
