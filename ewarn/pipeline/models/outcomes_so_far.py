"""How many outcomes of another source a source has, and needs for a calibrated model.

A source that does not count deaths can learn from a source that does, in the weeks that both cover
(`ewarn models fit SOURCE --outcomes OTHER`).
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
from ewarn.languages import source_reasons
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.fit import settled_before
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts

HORIZON_WEEKS = 4
ARCHIVE = "mass-mobilization"  # this source is an imported file; the others are polled


@dataclass(frozen=True, slots=True)
class OutcomesSoFar:
    """How many outcomes of countries from `outcomes` have matured in weeks that `source` covers.

    `since` is the first week that both cover. It is None if they share no week; `advice` then says
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
        """Describe the count in one sentence."""
        if self.since is None:
            return self.advice
        return source_reasons.OUTCOMES(
            matured=self.matured,
            needed=self.needed,
            outcomes=self.outcomes,
            month=f"{self.since:%Y-%m}",
        )


def outcomes_so_far(service: Service, connection: Connection, now: datetime) -> list[OutcomesSoFar]:
    """Return the count for each source that may be fitted and has no outcomes of its own.

    These are the sources that are switched on, do not count deaths, and may be learned from, as
    recorded by `now`.
    """
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
    service: Service, purpose: Purpose, mine: Sequence[Coverage], theirs: Sequence[Coverage]
) -> str:
    """Explain why two sources share no week, and what to do."""
    source, outcomes = purpose.source, purpose.outcomes
    missing = []
    if not theirs:
        missing.append(_unread(service, outcomes))
    if not mine:
        missing.append(source_reasons.SOURCE_UNREAD(source=source))
    if missing:
        return "; ".join(missing)
    ended = max(item.last_week for item in theirs)
    return source_reasons.OUTCOMES_END(outcomes=outcomes, day=ended, source=source)


def _unread(service: Service, outcomes: str) -> str:
    """Return that a source of outcomes was not read yet, and how to read it."""
    if outcomes != ARCHIVE and outcomes not in service.sources:
        return source_reasons.OUTCOMES_OFF(outcomes=outcomes, name=outcomes)
    verb = "datasets fetch" if outcomes == ARCHIVE else "ingest"
    return source_reasons.OUTCOMES_UNREAD(outcomes=outcomes, command=f"ewarn {verb} {outcomes}")


def _so_far(
    service: Service, connection: Connection, purpose: Purpose, now: datetime
) -> OutcomesSoFar:
    source, outcomes, origin = purpose.source, purpose.outcomes, origin_at(now)
    mine, theirs = (
        [item for item in _covered(service, connection, name, now) if item.first_week < origin]
        for name in (source, outcomes)
    )
    first = max(min((item.first_week for item in each), default=origin) for each in (mine, theirs))
    last = min(max((item.last_week for item in each), default=date.min) for each in (mine, theirs))
    if last < first:
        advice = _advice(service, purpose, mine, theirs)
        return OutcomesSoFar(source, outcomes, 0, LEAST_POSITIVES, None, advice)
    end = settled_before(min(last, origin - WEEK), origin)
    countries = {item.country for item in mine}
    matured = _matured(service, connection, purpose, theirs, countries, (first, end), now)
    return OutcomesSoFar(source, outcomes, matured, LEAST_POSITIVES, first)


def _covered(
    service: Service, connection: Connection, source: str, now: datetime
) -> list[Coverage]:
    return health.coverage(connection, source, service.sources.get(source), now)


def _matured(
    service: Service,
    connection: Connection,
    purpose: Purpose,
    theirs: list[Coverage],
    countries: set[str],
    weeks: tuple[date, date],
    now: datetime,
) -> int:
    """Count outcomes of countries at origins that do not overlap, in the same way as a fit."""
    first, end = weeks[0] + purpose.warm_up_weeks * WEEK, weeks[1]
    length = (end - first).days // 7 // purpose.horizon_weeks * purpose.horizon_weeks
    if length <= 0:
        return 0
    regions = service.places.regions(
        Level.COUNTRY, countries=None if "*" in countries else countries
    )
    signal = purpose.outcome_signal
    cut = Cut(midnight(origin_at(now)), now)
    panel = from_ledger(
        counts.counts(connection, cut, sources=[purpose.outcomes], since_week=first),
        regions=[region.id for region in regions],
        parents=service.places.parents,
        signals=[signal],
        first_week=first,
        origin=first + length * WEEK,
        coverage=theirs,
    )
    blocks = length // purpose.horizon_weeks
    came = panel.rolling(signal, purpose.horizon_weeks)[purpose.horizon_weeks - 1 :][
        :: purpose.horizon_weeks
    ]
    seen = panel.was_observed(signal).reshape(blocks, purpose.horizon_weeks, -1).all(axis=1)
    origins = [first + block * purpose.horizon_weeks * WEEK for block in range(blocks)]
    alive = [[day < (region.ended_on or date.max) for region in regions] for day in origins]
    return int(((came > 0) & seen & np.array(alive)).sum())
