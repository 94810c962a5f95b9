"""How long scores are valid, and which alerts have no valid score."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.alerting.staleness import went_stale
from ewarn.domain.alert import Alert, Change
from ewarn.domain.time import WEEK, midnight
from ewarn.pipeline.intake.health import MARKS_READ, expected_cadence, late_after
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.intake import newest_runs
from ewarn.store.scores import score_age, scores

# One origin may be missed; the next one has a day to be scored.
GRACE = WEEK + timedelta(days=1)


def valid_for(cadence: timedelta | None) -> timedelta:
    """Return how long after its origin a score is valid.

    It is valid for a week, and then for as long as its source may be late, but at least for
    `GRACE`.

    Args:
        cadence: How often the source publishes; None for a source that is read on demand or was
            imported.
    """
    return WEEK + max(GRACE, timedelta(0) if cadence is None else late_after(cadence))


def staleness_changes(
    connection: Connection, service: Service, standing: Sequence[Alert], now: datetime
) -> list[Change]:
    """Return the changes of alerts whose newest score is no longer valid at `now`.

    The alerts come from the store's projection: they know the newest score that they saw.
    """
    known = score_age.scored_as(connection, {alert.score_id for alert in standing})
    sources = {
        alert.id: known[alert.score_id].source for alert in standing if alert.score_id in known
    }
    validity = _validity(connection, service, set(sources.values()), now)
    until = {
        alert.id: midnight(alert.last_origin)
        + validity.get(sources.get(alert.id, ""), valid_for(None))
        for alert in standing
    }
    return went_stale(standing, until, now)


def valid_until(
    connection: Connection, service: Service, moment: datetime, without: Collection[str] = ()
) -> dict[str, datetime]:
    """Return until when the newest scores of each source are valid.

    Args:
        moment: The time for which the question is asked.
        without: Sources that a reader may not know of.
    """
    every = score_age.newest_origins(connection, Cut.at(moment))
    newest = {source: origin for source, origin in every.items() if source not in without}
    validity = _validity(connection, service, newest, moment)
    return {
        source: midnight(origin) + validity[source] for source, origin in sorted(newest.items())
    }


def overdue(ends: Mapping[str, datetime], moment: datetime) -> dict[str, datetime]:
    """Return the sources whose newest scores are no longer valid, each with the end of validity.

    Args:
        ends: Until when the newest scores of each source are valid.
    """
    return {source: end for source, end in ends.items() if moment >= end}


def with_staleness(
    connection: Connection,
    service: Service,
    found: Sequence[Alert],
    old: Collection[str],
    moment: datetime,
) -> list[Alert]:
    """Return alerts as they are shown at a moment.

    An alert is shown as stale if no source that its rule can read, for the same readers, has valid
    scores of its region, even if no run has recorded that yet.

    Args:
        old: The sources that are `overdue` at the moment.
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
    fresh_scores = {
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
        if item.id in doubtful
        and _readable(item, rest_on[item.score_id].is_probability).isdisjoint(fresh_scores)
        else item
        for item in found
    ]


def _readable(alert: Alert, is_probability: bool) -> set[tuple[str, str, str, int, bool]]:
    """Return the scores that an alert's rule can read.

    A rule on probabilities reads only these; a detector's rule reads any score.
    """
    kinds = {True} if is_probability else {True, False}
    of = (alert.readers, alert.region, alert.target.value, alert.horizon_weeks)
    return {(*of, kind) for kind in kinds}


def _validity(
    connection: Connection, service: Service, sources: Collection[str], now: datetime
) -> dict[str, timedelta]:
    polled = {name: service.sources[name] for name in sources if name in service.sources}
    marks = newest_runs.published(connection, polled, now, MARKS_READ)
    cadences = {name: expected_cadence(each, marks[name]) for name, each in polled.items()}
    return {source: valid_for(cadences.get(source)) for source in sources}
