"""How long scores hold by the clock, and which alerts rest on none that still does."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.staleness import went_stale
from ewarn.domain.alert import Alert, Change
from ewarn.domain.time import WEEK, midnight
from ewarn.pipeline.intake.health import expected_cadence, late_after
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import score_age, scores

GRACE = WEEK + timedelta(days=1)  # one origin may be missed; the next has a day to be scored


def holds_for(cadence: timedelta | None) -> timedelta:
    """How long after its origin a score holds: a week, and then as long as its source may be late,
    at least `GRACE`. `cadence` is None for what is read on demand or was imported."""
    return WEEK + max(GRACE, timedelta(0) if cadence is None else late_after(cadence))


def by_the_clock(
    connection: Connection, service: Service, standing: Sequence[Alert], now: datetime
) -> list[Change]:
    """The changes of alerts whose newest score holds no longer at `now`.

    The alerts are those of the store's projection: they know the newest score that they saw.
    """
    known = score_age.scored_as(connection, {alert.score_id for alert in standing})
    sources = {
        alert.id: known[alert.score_id].source for alert in standing if alert.score_id in known
    }
    holds = _holds(connection, service, set(sources.values()), now)
    until = {
        alert.id: midnight(alert.last_origin)
        + holds.get(sources.get(alert.id, ""), holds_for(None))
        for alert in standing
    }
    return went_stale(standing, until, now)


def overdue(
    connection: Connection, service: Service, moment: datetime, without: Collection[str] = ()
) -> dict[str, datetime]:
    """Since when the newest scores of sources hold no longer at a moment, by source; `without`
    those that a reader may not know of."""
    every = score_age.newest_origins(connection, Cut.at(moment))
    newest = {source: origin for source, origin in every.items() if source not in without}
    holds = _holds(connection, service, newest, moment)
    return {
        source: until
        for source, origin in sorted(newest.items())
        if moment >= (until := midnight(origin) + holds[source])
    }


def as_read(
    connection: Connection,
    service: Service,
    found: Sequence[Alert],
    old: Collection[str],
    moment: datetime,
) -> list[Alert]:
    """Alerts as they are shown at a moment, `old` being the sources `overdue` then.

    One is stale where no source that its rule can listen to, for the same readers, has scores of
    its region that hold, whether or not a run has said so.
    """
    rest_on = score_age.scored_as(connection, {item.score_id for item in found if item.is_standing})
    doubtful = {
        item.id
        for item in found
        if item.is_standing
        and not item.stale
        and item.score_id in rest_on
        and rest_on[item.score_id].source in old
    }
    if not doubtful:
        return list(found)
    runs = scores.latest_runs(connection, Cut.at(moment))
    fresh = [run for source, run in runs.items() if source not in old]
    regions = {item.region for item in found if item.id in doubtful}
    held = {
        (
            service.readers_of(each.source),
            each.region,
            each.target,
            each.horizon_weeks,
            each.is_probability,
        )
        for each in score_age.scored_in(connection, fresh, regions)
    }
    return [
        replace(item, stale=True)
        if item.id in doubtful and _of(item, rest_on[item.score_id].is_probability).isdisjoint(held)
        else item
        for item in found
    ]


def _of(alert: Alert, is_probability: bool) -> set[tuple[str, str, str, int, bool]]:
    """What an alert's rule can listen to: a detector's to any score, others to probabilities."""
    kinds = {True} if is_probability else {True, False}
    of = (alert.readers, alert.region, alert.target.value, alert.horizon_weeks)
    return {(*of, kind) for kind in kinds}


def _holds(
    connection: Connection, service: Service, sources: Collection[str], now: datetime
) -> dict[str, timedelta]:
    polled = {source: service.sources.get(source) for source in sources}
    return {
        source: holds_for(expected_cadence(connection, each, now) if each else None)
        for source, each in polled.items()
    }
