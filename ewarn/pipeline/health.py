"""How sources are doing, and which weeks a polled one has really observed."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.source import Coverage, Health, SourceStatus
from ewarn.domain.time import WEEK, midnight, week_of
from ewarn.ports import Source
from ewarn.store import runs
from ewarn.store.cuts import Cut

LATE_AFTER = 4  # cadences without a good reading
SILENT_AFTER = 96
ARCHIVE_SPEAKS_FOR = 5 * WEEK  # from the Monday of its last week
# A polled week counts as observed once this share of its slots was read.
SLOTS_NEEDED = 0.8


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
    last = runs.latest_runs(connection, now).get(name)
    good = runs.latest_successes(connection, now).get(name)
    cadence = polled.cadence if polled else None
    if polled is None:
        health, reason = _judge_archive(connection, name, now, judged_at or now)
    else:
        health, reason = _judge(last, good, cadence, now)
    return SourceStatus(
        source=name,
        health=health,
        reason=reason,
        last_success_at=good.recorded_at if good else None,
        last_event_on=runs.last_event_on(connection, name, now),
        cadence=cadence,
    )


def _judge_archive(
    connection: Connection, name: str, now: datetime, at: datetime
) -> tuple[Health, str]:
    covered = runs.coverage(connection, Cut(recorded_by=now), sources=[name])
    if not covered:
        return Health.SILENT, "never read"
    last = max(item.last_week for item in covered)
    if midnight(last) + ARCHIVE_SPEAKS_FOR < at:
        return Health.SILENT, f"an imported file that ends in the week of {last}"
    return Health.OK, "imported"


def _judge(
    last: runs.Run | None, good: runs.Run | None, cadence: timedelta | None, now: datetime
) -> tuple[Health, str]:
    if last is None:
        return Health.SILENT, "never read"
    if cadence is None:
        return last.health, last.reason
    if good is None:
        return last.health, last.reason
    waited = now - good.recorded_at
    since = good.recorded_at.isoformat(timespec="minutes")
    if waited > SILENT_AFTER * cadence:
        return Health.SILENT, f"nothing read since {since}: {last.reason}"
    if last.health is not Health.OK:
        return last.health, last.reason
    if waited > LATE_AFTER * cadence:
        return Health.LATE, f"nothing read since {since}"
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
    week once most of its slots were read: one good reading does not make a week.
    """
    said = list(runs.coverage(connection, Cut(recorded_by=now), sources=[source]))
    if cadence is None or cadence >= WEEK:
        return said
    slots = Counter(week_of(day) for day in runs.payload_days(connection, source, now))
    needed = SLOTS_NEEDED * (WEEK / cadence)
    return said + [
        Coverage(source, "*", week, week)
        for week, number in sorted(slots.items())
        if number >= needed
    ]
