"""How far a source is from a probability of its own: the outcomes that another source told of it.

A source that does not count the dead can learn what it said before others counted them, in the
weeks that both speak of (`ewarn models fit SOURCE --outcomes OTHER`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from ewarn.domain.fit import LEAST_POSITIVES, OUTCOMES_FOR, Purpose
from ewarn.domain.region import Level
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.fit import settled_before
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts

HORIZON_WEEKS = 4
ARCHIVE = "mass-mobilization"  # a file that is imported; other sources are polled


@dataclass(frozen=True, slots=True)
class OutcomesSoFar:
    """How many outcomes of countries, told by `outcomes`, have matured in the weeks that `source`
    speaks of too; `since` is the first week of both, None where they share none: `advice` then says
    why, and what to do.
    """

    source: str
    outcomes: str
    matured: int
    needed: int
    since: date | None
    advice: str = ""

    @property
    def sentence(self) -> str:
        """The same in words."""
        if self.since is None:
            return self.advice
        return (
            f"{self.matured} of {self.needed} matured outcomes of {self.outcomes} since "
            f"{self.since:%Y-%m}"
        )


def outcomes_so_far(service: Service, connection: Connection, now: datetime) -> list[OutcomesSoFar]:
    """How far each source is that is switched on, does not count the dead itself, and may be
    learned from, as recorded by `now`."""
    return [
        _so_far(
            service,
            connection,
            Purpose(name, target, Level.COUNTRY, HORIZON_WEEKS, other),
            now,
        )
        for name in service.sources
        for other, target in OUTCOMES_FOR.get(name, {}).items()
        if service.may_pool(name) and service.may_pool(other)
    ]


def _advice(
    service: Service, purpose: Purpose, mine: Sequence[Coverage], told: Sequence[Coverage]
) -> str:
    """Why two sources share no week, and what to do."""
    source, outcomes = purpose.source, purpose.outcomes
    missing = []
    if not told:
        missing.append(f"{outcomes} was not read yet: {_how_to_read(service, outcomes)}")
    if not mine:
        missing.append(f"no week of {source} was read yet: back-fill it, from 2015 on at best")
    if missing:
        return "; ".join(missing)
    ended = max(item.last_week for item in told)
    return f"{outcomes} tells of weeks up to {ended}: back-fill {source} to before that"


def _how_to_read(service: Service, outcomes: str) -> str:
    if outcomes == ARCHIVE:
        return f"run `ewarn datasets fetch {outcomes}`"
    if outcomes in service.sources:
        return f"run `ewarn ingest {outcomes}`"
    return f"name {outcomes} in EWARN_SOURCES"


def _so_far(
    service: Service, connection: Connection, purpose: Purpose, now: datetime
) -> OutcomesSoFar:
    source, outcomes, origin = purpose.source, purpose.outcomes, origin_at(now)
    mine, told = (
        [item for item in _covered(service, connection, name, now) if item.first_week < origin]
        for name in (source, outcomes)
    )
    first = max(min((item.first_week for item in each), default=origin) for each in (mine, told))
    last = min(max((item.last_week for item in each), default=date.min) for each in (mine, told))
    if last < first:
        advice = _advice(service, purpose, mine, told)
        return OutcomesSoFar(source, outcomes, 0, LEAST_POSITIVES, None, advice)
    end = settled_before(min(last, origin - WEEK), origin)
    countries = {item.country for item in mine}
    matured = _matured(service, connection, purpose, told, countries, (first, end), now)
    return OutcomesSoFar(source, outcomes, matured, LEAST_POSITIVES, first)


def _covered(
    service: Service, connection: Connection, source: str, now: datetime
) -> list[Coverage]:
    return health.coverage(connection, source, service.sources.get(source), now)


def _matured(
    service: Service,
    connection: Connection,
    purpose: Purpose,
    told: list[Coverage],
    countries: set[str],
    weeks: tuple[date, date],
    now: datetime,
) -> int:
    """Outcomes of countries at origins that do not overlap, as a fit counts them."""
    first, end = weeks[0] + purpose.warm_up_weeks * WEEK, weeks[1]
    length = (end - first).days // 7 // purpose.horizon_weeks * purpose.horizon_weeks
    if length <= 0:
        return 0
    regions = service.places.regions(
        Level.COUNTRY, countries=None if "*" in countries else countries
    )
    told_of = purpose.outcome_signal
    cut = Cut(midnight(origin_at(now)), now)
    panel = from_ledger(
        counts.counts(connection, cut, sources=[purpose.outcomes], since_week=first),
        regions=[region.id for region in regions],
        parents=service.places.parents,
        signals=[told_of],
        first_week=first,
        origin=first + length * WEEK,
        coverage=told,
    )
    blocks = length // purpose.horizon_weeks
    came = panel.rolling(told_of, purpose.horizon_weeks)[purpose.horizon_weeks - 1 :][
        :: purpose.horizon_weeks
    ]
    seen = panel.was_observed(told_of).reshape(blocks, purpose.horizon_weeks, -1).all(axis=1)
    origins = [first + block * purpose.horizon_weeks * WEEK for block in range(blocks)]
    alive = [[day < (region.ended_on or date.max) for region in regions] for day in origins]
    return int(((came > 0) & seen & np.array(alive)).sum())
