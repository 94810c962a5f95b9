"""How sources are doing, and which weeks a polled one has really observed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection

from ewarn.domain.source import Coverage, Health, SourceStatus
from ewarn.domain.time import DAY, WEEK, midnight, week_of
from ewarn.ports import Source
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import runs

ARCHIVE_SPEAKS_FOR = 5 * WEEK  # from the Monday of its last week
# A polled week counts as observed once this share of its slots was read.
SLOTS_NEEDED = 0.8
# What nearly every one of so many days had is a source's pace.
PACE_DAYS = 28
PACE_SHARE = 0.9
# A source's own history teaches its cadence once it has this many gaps between publications;
# nine tenths of them were no longer than what is learned.
GAPS_NEEDED = 8
GAPS_READ = 50
GAP_SHARE = 0.9


def late_after(cadence: timedelta) -> timedelta:
    """How long nothing may come before a source is late: quick ones may skip a few beats."""
    return (4 if cadence < DAY else 2) * cadence


def silent_after(cadence: timedelta) -> timedelta:
    """How long nothing may come before a source is silent: at least a day, and four beats."""
    return max(DAY, 4 * cadence)


def status(
    connection: Connection,
    name: str,
    polled: Source | None,
    now: datetime,
    *,
    judged_at: datetime | None = None,
) -> SourceStatus:
    """Health of a source from what was recorded by `now`.

    `polled` is None for a source known only from imported files: it speaks up to its end and is
    silent afterwards, judged at `judged_at` (default `now`).
    """
    found = judged(connection, name, polled, now, judged_at=judged_at)
    reason = found.reason
    good = runs.latest_successes(connection, now).get(name)
    unread = len(runs.missed(connection, name, now)) if polled else 0
    if unread and found.health is Health.OK:
        reason += f"; {unread} payload{'' if unread == 1 else 's'} could not be read so far"
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
    """How a source does, and why. `since` is when the newest thing was read of it (None: never),
    `turned_at` when it ceased to be well (None: it is well, or never was)."""

    health: Health
    reason: str
    cadence: timedelta | None = None
    since: datetime | None = None
    turned_at: datetime | None = None


def judged(
    connection: Connection,
    name: str,
    polled: Source | None,
    now: datetime,
    *,
    judged_at: datetime | None = None,
) -> HealthJudgement:
    """How a source does by what was recorded by `now`; see `status`."""
    if polled is None:
        return _judge_archive(connection, name, now, judged_at or now)
    last = runs.latest_runs(connection, now).get(name)
    good = runs.latest_successes(connection, now).get(name)
    cadence = expected_cadence(connection, polled, now)
    newest = _newest(connection, name, good, now)
    if polled.obstacle is not None:
        return HealthJudgement(Health.DISABLED, polled.obstacle, cadence, newest)
    health, reason = _judge(last, good, cadence, newest, now)
    turned_at: datetime | None = None
    if health is Health.SILENT and newest is not None and cadence is not None:
        turned_at = newest + silent_after(cadence)
    elif health not in (Health.OK, Health.LATE):
        was_well = None if good is None else good.recorded_at
        turned_at = runs.first_after(connection, name, was_well, now)
    return HealthJudgement(health, reason, cadence, newest, turned_at)


def expected_cadence(connection: Connection, polled: Source, now: datetime) -> timedelta | None:
    """How often something new is expected of a source: learned from when its last payloads were
    published, where there are enough; never less than it declares. None if read on demand.
    """
    if polled.cadence is None:
        return None
    marks = runs.published(connection, polled.name, now, GAPS_READ + 1)
    gaps = sorted(later - earlier for later, earlier in pairwise(marks))
    if len(gaps) < GAPS_NEEDED:
        return polled.cadence
    return max(polled.cadence, gaps[int(GAP_SHARE * (len(gaps) - 1))])


def _newest(
    connection: Connection, name: str, good: runs.Run | None, now: datetime
) -> datetime | None:
    """When the newest thing read of a source was published, or else when it last answered."""
    marks = runs.published(connection, name, now, 1)
    if marks:
        return marks[0]
    return good.recorded_at if good else None


def _judge_archive(
    connection: Connection, name: str, now: datetime, at: datetime
) -> HealthJudgement:
    covered = runs.coverage(connection, Cut(recorded_by=now), sources=[name])
    if not covered:
        return HealthJudgement(Health.SILENT, "never read")
    last = midnight(max(item.last_week for item in covered))
    if (until := last + ARCHIVE_SPEAKS_FOR) <= at:
        reason = "an imported file whose weeks have passed"
        return HealthJudgement(Health.SILENT, reason, since=last + WEEK, turned_at=until)
    return HealthJudgement(Health.OK, "imported", since=last + WEEK)


def _judge(
    last: runs.Run | None,
    good: runs.Run | None,
    cadence: timedelta | None,
    newest: datetime | None,
    now: datetime,
) -> tuple[Health, str]:
    if last is None:
        return Health.SILENT, "never read"
    if cadence is None or good is None or newest is None:
        return last.health, last.reason
    since = newest.isoformat(timespec="minutes")
    if now - newest >= silent_after(cadence):
        return Health.SILENT, f"nothing newer than {since}: {last.reason}"
    if last.health is not Health.OK:
        return last.health, last.reason
    if now - newest > late_after(cadence):
        return Health.LATE, f"nothing newer than {since}"
    return Health.OK, last.reason


def coverage(
    connection: Connection, source: str, polled: Source | None, now: datetime
) -> list[Coverage]:
    """The weeks a source has observed, as recorded by `now`."""
    return coverage_at(connection, source, polled.cadence if polled else None, now)


def coverage_at(
    connection: Connection, source: str, cadence: timedelta | None, now: datetime
) -> list[Coverage]:
    """The weeks a source of a cadence (None: read on demand) has observed.

    Files and archives say so themselves. A source polled more often than weekly has observed a
    week once most of its slots were read: one good reading does not make a week. Where it has
    published less often for weeks, as regularly as a clock, that is its pace.
    """
    said = list(runs.coverage(connection, Cut(recorded_by=now), sources=[source]))
    if cadence is None or cadence >= WEEK:
        return said
    days = runs.payload_days(connection, source, now)
    slots: Counter[date] = Counter()
    for day, number in days.items():
        slots[week_of(day)] += number
    return said + [
        Coverage(source, "*", week, week)
        for week, number in sorted(slots.items())
        if number >= SLOTS_NEEDED * 7 * slots_of_a_day(days, week, cadence)
    ]


def slots_of_a_day(days: Counter[date], week: date, cadence: timedelta) -> float:
    """How many slots of a source make a day around a week: as many as its cadence says, or as many
    as nearly every day of four weeks had. Losses are irregular, and so are no pace."""
    declared = DAY / cadence
    end = week + WEEK
    seen = Counter(days[day] for day in (end - number * DAY for number in range(1, PACE_DAYS + 1)))
    usual, number = seen.most_common(1)[0]
    is_regular = usual > 0 and number >= PACE_SHARE * PACE_DAYS
    return min(declared, usual) if is_regular else declared
