"""The health of sources, and the weeks that a polled source has really observed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from ewarn.domain.source import Coverage, Health, SourceStatus
from ewarn.domain.time import DAY, WEEK, midnight, week_of
from ewarn.languages import source_reasons
from ewarn.ports import Source
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import newest_runs, runs

ARCHIVE_IS_OK_FOR = 5 * WEEK  # from the Monday of its last week
# A polled week counts as observed once this share of its slots was read.
SLOTS_NEEDED = 0.8
# The number of slots that nearly every one of these days had is a source's pace.
PACE_DAYS = 28
PACE_SHARE = 0.9
# A source's cadence is learned from its history once it has this many gaps between publications;
# nine tenths of the gaps are no longer than the learned cadence.
GAPS_NEEDED = 8
MARKS_READ = 51
GAP_SHARE = 0.9


def late_after(cadence: timedelta) -> timedelta:
    """Return how long nothing may come before a source is late; quick ones may miss some slots."""
    return (4 if cadence < DAY else 2) * cadence


def silent_after(cadence: timedelta) -> timedelta:
    """Return how long nothing may come before a source is silent: a day and four slots at least."""
    return max(DAY, 4 * cadence)


def status(
    connection: Connection,
    name: str,
    polled: Source | None,
    now: datetime,
    *,
    judged_at: datetime | None = None,
) -> SourceStatus:
    """Return the health of a source from what was recorded by `now`.

    Args:
        polled: The source, or None for a source known only from imported files. Such a source is ok
            for some weeks after its last week, and silent afterwards.
        judged_at: The moment at which a source known only from files is evaluated; default `now`.
    """
    recorded = RecordedSources.of(connection, [name], now)
    found = judged(connection, name, polled, recorded, judged_at=judged_at)
    reason = found.reason
    good = recorded.good.get(name)
    unread = len(runs.missed(connection, name, now)) if polled else 0
    if unread and found.health is Health.OK:
        reason = source_reasons.UNREAD(reason=reason, count=unread)
    return SourceStatus(
        source=name,
        health=found.health,
        reason=reason,
        last_success_at=good.recorded_at if good else None,
        last_event_on=runs.last_event_on(connection, name, now),
        cadence=found.cadence,
        unread=unread,
    )


@dataclass(frozen=True, slots=True)
class HealthJudgement:
    """The health of a source, and why.

    `since` is when the newest data read of it were published (None: never). `turned_at` is when it
    became unhealthy (None: it is healthy, or never was). `until` is the next moment at which time
    alone can change this (None: never).
    """

    health: Health
    reason: str
    cadence: timedelta | None = None
    since: datetime | None = None
    turned_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordedSources:
    """What was recorded by `moment` of sources, by their names.

    `last` and `good` are the last run of each source and the last successful one. `marks` are the
    times at which its newest payloads were published, newest first. `covered` are its covered
    weeks.
    """

    moment: datetime
    last: Mapping[str, runs.Run]
    good: Mapping[str, runs.Run]
    marks: Mapping[str, Sequence[datetime]]
    covered: Mapping[str, Sequence[Coverage]]

    @classmethod
    def of(
        cls, connection: Connection, names: Collection[str], moment: datetime
    ) -> "RecordedSources":
        """Read what was recorded of some sources, in as many queries for one as for all."""
        covered: dict[str, list[Coverage]] = {name: [] for name in names}
        cut = Cut(recorded_by=moment)
        for item in runs.coverage(connection, cut, sources=sorted(names)) if names else ():
            covered[item.source].append(item)
        return cls(
            moment,
            newest_runs.latest_runs(connection, moment),
            newest_runs.latest_successes(connection, moment),
            newest_runs.published(connection, names, moment, MARKS_READ),
            covered,
        )

    def newest(self, name: str) -> datetime | None:
        """Return when the newest data of a source were published, or else when it last answered."""
        if marks := self.marks[name]:
            return marks[0]
        return self.good[name].recorded_at if name in self.good else None

    def covers(self, name: str, countries: Collection[str]) -> bool:
        """Return whether a source covers any of some countries, as far as that is recorded.

        Args:
            countries: Country codes; empty means all countries.
        """
        covered = {item.country for item in self.covered[name]}
        if not countries or not covered or "*" in covered:
            return True
        return not covered.isdisjoint(countries)


def judged(
    connection: Connection,
    name: str,
    polled: Source | None,
    recorded: RecordedSources,
    *,
    judged_at: datetime | None = None,
) -> HealthJudgement:
    """Return the health of a source from what was recorded by a moment; see `status`."""
    now = recorded.moment
    if polled is None:
        return _judge_archive(recorded.covered[name], judged_at or now)
    good = recorded.good.get(name)
    cadence = expected_cadence(polled, recorded.marks[name])
    newest = recorded.newest(name)
    if polled.obstacle is not None:
        return HealthJudgement(Health.DISABLED, polled.obstacle, cadence, newest)
    health, reason = _judge(recorded.last.get(name), good, cadence, newest, now)
    turned_at: datetime | None = None
    if health is Health.SILENT and newest is not None and cadence is not None:
        turned_at = newest + silent_after(cadence)
    elif health not in (Health.OK, Health.LATE):
        last_healthy = None if good is None else good.recorded_at
        turned_at = newest_runs.first_after(connection, name, last_healthy, now)
    return HealthJudgement(health, reason, cadence, newest, turned_at, _until(newest, cadence, now))


def _until(newest: datetime | None, cadence: timedelta | None, now: datetime) -> datetime | None:
    """Return the next moment at which a source becomes late or silent if nothing is read before."""
    if newest is None or cadence is None:
        return None
    turns = (newest + late_after(cadence), newest + silent_after(cadence))
    return min((turn for turn in turns if turn >= now), default=None)


def expected_cadence(polled: Source, marks: Sequence[datetime]) -> timedelta | None:
    """Return how often something new is expected of a source.

    It is learned from the times of the last payloads, if there are enough, but is never shorter
    than the declared cadence.

    Args:
        marks: When the newest payloads were published, newest first; see `MARKS_READ`.

    Returns:
        The cadence, or None if the source is read on demand.
    """
    if polled.cadence is None:
        return None
    gaps = sorted(later - earlier for later, earlier in pairwise(marks))
    if len(gaps) < GAPS_NEEDED:
        return polled.cadence
    return max(polled.cadence, gaps[int(GAP_SHARE * (len(gaps) - 1))])


def _judge_archive(covered: Sequence[Coverage], at: datetime) -> HealthJudgement:
    if not covered:
        return HealthJudgement(Health.SILENT, source_reasons.NEVER_READ())
    last = midnight(max(item.last_week for item in covered))
    if (until := last + ARCHIVE_IS_OK_FOR) <= at:
        reason = source_reasons.WEEKS_PASSED()
        return HealthJudgement(Health.SILENT, reason, since=last + WEEK, turned_at=until)
    return HealthJudgement(Health.OK, source_reasons.IMPORTED(), since=last + WEEK, until=until)


def _judge(
    last: runs.Run | None,
    good: runs.Run | None,
    cadence: timedelta | None,
    newest: datetime | None,
    now: datetime,
) -> tuple[Health, str]:
    if last is None:
        return Health.SILENT, source_reasons.NEVER_READ()
    if cadence is None or good is None or newest is None:
        return last.health, last.reason
    since = newest.isoformat(timespec="minutes")
    if now - newest >= silent_after(cadence):
        because = source_reasons.NOTHING_NEWER_BECAUSE(moment=since, reason=last.reason)
        return Health.SILENT, because
    if last.health is not Health.OK:
        return last.health, last.reason
    if now - newest > late_after(cadence):
        return Health.LATE, source_reasons.NOTHING_NEWER(moment=since)
    return Health.OK, last.reason


def coverage(
    connection: Connection, source: str, polled: Source | None, now: datetime
) -> list[Coverage]:
    """Return the weeks that a source has observed, as recorded by `now`."""
    return coverage_at(connection, source, polled.cadence if polled else None, now)


def coverage_at(
    connection: Connection, source: str, cadence: timedelta | None, now: datetime
) -> list[Coverage]:
    """Return the weeks that a source with a cadence (None: read on demand) has observed.

    For files and archives the covered weeks are recorded. A source polled more often than weekly
    has observed a week once most of its slots were read: one successful read is not enough. If it
    has published less often for weeks, and regularly, that is its pace.
    """
    recorded = list(runs.coverage(connection, Cut(recorded_by=now), sources=[source]))
    if cadence is None or cadence >= WEEK:
        return recorded
    days = runs.payload_days(connection, source, now)
    slots: Counter[date] = Counter()
    for day, number in days.items():
        slots[week_of(day)] += number
    return recorded + [
        Coverage(source, "*", week, week)
        for week, number in sorted(slots.items())
        if number >= SLOTS_NEEDED * 7 * slots_of_a_day(days, week, cadence)
    ]


def slots_of_a_day(days: Counter[date], week: date, cadence: timedelta) -> float:
    """Return how many slots of a source make a day around a week.

    That is the number that its cadence gives, or the number that nearly every day of four weeks
    had. Losses are irregular, so they do not count as a pace.
    """
    declared = DAY / cadence
    end = week + WEEK
    seen = Counter(days[day] for day in (end - number * DAY for number in range(1, PACE_DAYS + 1)))
    usual, number = seen.most_common(1)[0]
    is_regular = usual > 0 and number >= PACE_SHARE * PACE_DAYS
    return min(declared, usual) if is_regular else declared
