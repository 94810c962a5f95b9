"""Interim scores: what the week so far adds to the scores of its Monday.

A score is about weeks that end on Monday, so an event on a Tuesday would wait six days. An interim
score reads the week so far as if it were over. It replaces Monday's score if it is higher. It never
lowers a score, closes no alert and is not evaluated.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.score import Score
from ewarn.domain.source import SourceStatus
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from ewarn.panel.so_far import with_week_so_far
from ewarn.pipeline.panel_cache import OVERLAP
from ewarn.pipeline.panels.evidence import with_event_ids
from ewarn.pipeline.panels.panels import volume_of
from ewarn.pipeline.scoring.scoring import completeness_of, scored, with_drivers
from ewarn.pipeline.service import Service
from ewarn.ports import Model
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.events.counts import RecentlyKnown
from ewarn.store.scores import scores

# Late reports are looked for in so many weeks before the origin.
WEEKS_LATE = 12


@dataclass(frozen=True, slots=True)
class Monday:
    """The inputs of the scores of a source at an origin.

    `inputs` is the hash of all of them. `known_until` is the moment until which the content of the
    panel was known. `lag` is the time by which the source publishes late.
    """

    source: str
    panel: Panel
    models: tuple[Model, ...]
    footing: SourceStatus
    inputs: str
    known_until: datetime
    lag: timedelta = timedelta()

    @property
    def origin(self) -> date:
        """Return the origin of the panel."""
        return self.panel.origin


@dataclass(frozen=True, slots=True)
class InterimRun:
    """An interim run that is not stored yet, the run `before` it, and how many scores it raises."""

    new: scores.NewRun
    before: scores.ScoreRun
    raised: int


def score_so_far(
    service: Service, connection: Connection, monday: Monday, now: datetime
) -> InterimRun | None:
    """Return the scores that the week so far raises, as a run that is not stored yet.

    Only countries about which something became known are scored.

    Returns:
        The run, or None if nothing became known since the newest run, or if no score changes.
    """
    origin, source = monday.origin, monday.source
    since = origin - WEEKS_LATE * WEEK
    lately = counts.lately(connection, Cut(now, now), source, midnight(origin), since)
    newest = scores.newest_run(connection, source, origin)
    if newest is None or lately.deltas.empty:
        return None
    changed = _changed(service, lately, newest)
    if not changed:
        return None
    made = _scores(service, connection, monday, lately, changed, now)
    if not made or scores.are_standing(connection, newest.id, made):
        return None
    inputs = f"interim:{max(changed.values()).isoformat()}"
    new = scores.new_run(source, origin, inputs, made, now, interim=True)
    return InterimRun(new, newest, sum(item.interim for item in made))


def _changed(
    service: Service, lately: RecentlyKnown, newest: scores.ScoreRun
) -> dict[str, datetime]:
    """Return the countries with news since a run, with the moment of their last news."""
    parents = service.places.parents
    seen = newest.recorded_at - OVERLAP if newest.interim else None
    changed: dict[str, datetime] = {}
    recent: set[str] = set()
    for region, known_at in lately.known_at.items():
        country = parents.get(region, region)
        changed[country] = max(known_at, changed.get(country, known_at))
        if seen is None or lately.recorded_at[region] > seen or known_at > seen:
            recent.add(country)
    return {country: changed[country] for country in sorted(recent)}


def _scores(
    service: Service,
    connection: Connection,
    monday: Monday,
    lately: RecentlyKnown,
    changed: dict[str, datetime],
    now: datetime,
) -> list[Score]:
    """Return the scores that the week so far raises, and Monday's others of the same countries."""
    source, origin = monday.source, monday.origin
    before = _by_key(scores.of_monday(connection, source, origin, tuple(changed)))
    means = scores.means_of_quiet(connection, source, origin)
    parents = monday.panel.parents
    regions = [each for each in monday.panel.regions if parents.get(each, each) in changed]
    since = {"known_by": origin + WEEK, "known_after": origin}
    more = volume_of(connection, source, monday.panel, **since, weeks=1)
    longer = with_week_so_far(monday.panel, lately.deltas, more)
    complete = completeness_of(monday.panel)
    made: list[Score] = []
    for model in monday.models:
        mean = means.get((model.target, model.horizon_weeks, model.level), math.nan)
        found = scored(
            service, model, longer, monday.footing, complete, now, only=regions, mean=mean
        )
        dated = [
            replace(item, origin=origin, as_of=changed[item.country], interim=True)
            for item in found
        ]
        pairs = [(item, before[key]) for item in dated if (key := _key(item)) in before]
        raised = [risen(so_far, then) for so_far, then in pairs if is_raised(so_far, then)]
        made += with_drivers(model, longer, raised, service.rulebook)
    made = with_event_ids(connection, made, monday.source, Cut(now, now))
    return list((before | _by_key(made)).values())


def is_raised(so_far: Score, monday: Score) -> bool:
    """Return whether the week so far raises Monday's score.

    It does so by a higher probability, by a bound that was passed, or by a count that is more
    surprising.
    """
    if (so_far.probability or 0.0) > (monday.probability or 0.0):
        return True
    if so_far.exceeds_bound and not monday.exceeds_bound:
        return True
    share, other = so_far.false_discovery, monday.false_discovery
    return so_far.exceeds_bound and share is not None and (other is None or share < other)


def risen(so_far: Score, monday: Score) -> Score:
    """Return the interim score, with Monday's probability if the week so far does not raise it."""
    if (so_far.probability or 0.0) > (monday.probability or 0.0) or monday.probability is None:
        return so_far
    return replace(
        so_far,
        band=monday.band,
        probability=monday.probability,
        low=monday.low,
        high=monday.high,
        members=monday.members,
        # What happened since may mean that the region is no longer quiet.
        relative_risk=None if so_far.relative_risk is None else monday.relative_risk,
    )


def _key(score: Score) -> tuple[str, str, str, int]:
    return (score.model, score.region, score.target.value, score.horizon_weeks)


def _by_key(found: Iterable[Score]) -> dict[tuple[str, str, str, int], Score]:
    return {_key(score): score for score in found}
