"""The verb `judge`: find the outcomes of scores that have matured, and update the scorecards.

Only scores that were written in the week of their origin, with the model's hash in their name,
count: that is the prospective log. Only calibrated scores are evaluated.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection

from ewarn.domain.fit import Purpose
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import ModelError
from ewarn.pipeline.intake import health
from ewarn.pipeline.models.false_alarm_review import promises
from ewarn.pipeline.models.fit import MATURE_WEEKS
from ewarn.pipeline.panels.panels import panel_ahead, panel_at
from ewarn.pipeline.service import Service
from ewarn.ports import Judge
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes, scorecards
from ewarn.store.scores.outcomes import CountedRun, JudgedScore
from ewarn.store.scores.scorecards import ScorecardRow


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """How many scores got their outcome, and how many rows of scorecards changed."""

    judged: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Found:
    """The outcomes of some scores of one horizon, by score id."""

    outcomes: dict[int, bool | None]
    as_of: datetime


def judge(service: Service, now: datetime) -> JudgeReport:
    """Find the outcome of every score that has matured, and update the scorecards.

    An outcome is stored as it was known 26 weeks after its last week, and never changed. Doing it
    twice changes nothing.
    """
    by = _judge_of(service)
    with service.store.read() as connection:
        found = [
            item
            for run in outcomes.standing_runs(connection, now)
            for item in _matured_outcomes(service, connection, by, run, now)
        ]
    with service.store.write() as connection:
        for item in found:
            outcomes.record(connection, item.outcomes, item.as_of, now)
        rows = sum(
            _card(service, connection, by, purpose, now)
            for purpose in outcomes.purposes(connection)
        )
    return JudgeReport(sum(len(item.outcomes) for item in found), rows)


def _judge_of(service: Service) -> Judge:
    if service.judge is None:
        raise ModelError("this service cannot evaluate scores; start it as `ewarn work`")
    return service.judge


def _matured_outcomes(
    service: Service, connection: Connection, by: Judge, run: CountedRun, now: datetime
) -> list[_Found]:
    """Return the outcomes of the scores of a run, as far as they have matured."""
    shortest = midnight(run.origin + (1 + MATURE_WEEKS) * WEEK)
    waiting = outcomes.unjudged(connection, run) if shortest <= now else {}
    mature = {
        purpose: scores for purpose, scores in waiting.items() if _matures(run, purpose) <= now
    }
    if not mature:
        return []
    wanted = {purpose: [region for _, region in scores] for purpose, scores in mature.items()}
    known = outcomes_of(service, connection, by, run, wanted, now)
    return [
        _Found(
            dict(zip([id_ for id_, _ in scores], known[purpose], strict=True)),
            _matures(run, purpose),
        )
        for purpose, scores in mature.items()
    ]


def outcomes_of(
    service: Service,
    connection: Connection,
    by: Judge,
    run: CountedRun,
    wanted: Mapping[Purpose, Sequence[str]],
    now: datetime,
) -> dict[Purpose, list[bool | None]]:
    """Return the outcomes of the scores of a run in some regions, by purpose.

    They are as known when they matured and recorded by `now`; None if nobody observed them.
    """
    polled = service.sources.get(run.source)
    before = health.coverage(connection, run.source, polled, run.recorded_at)
    after = health.coverage(connection, run.source, polled, now)
    countries = {service.places.get(name).country for names in wanted.values() for name in names}
    regions = service.places.regions(countries=countries)
    known, _ = panel_at(connection, run.source, regions, before, run.origin, run.recorded_at)
    found = {}
    for purpose, names in wanted.items():
        weeks = (run.origin, run.origin + purpose.horizon_weeks * WEEK)
        cut = Cut(_matures(run, purpose), now)
        ahead = panel_ahead(connection, run.source, regions, after, weeks, cut)
        found[purpose] = by.outcomes(known, ahead, names, purpose)
    return found


def _matures(run: CountedRun, purpose: Purpose) -> datetime:
    """Return when the outcome of a score counts as known: 26 weeks after its last week."""
    return midnight(run.origin + (purpose.horizon_weeks + MATURE_WEEKS) * WEEK)


def _card(
    service: Service, connection: Connection, by: Judge, purpose: Purpose, now: datetime
) -> int:
    """Store the rows of a purpose's scorecards that changed, and return their number."""
    rows = outcomes.judged(connection, purpose)
    changed = 0
    for model in sorted({row.model.partition("@")[0] for row in rows}):
        mine = [row for row in rows if row.model.partition("@")[0] == model]
        last = {
            item.month: item.figures
            for item in scorecards.newest(
                connection,
                Cut(),
                model,
                sources=[purpose.source],
                targets=[purpose.target],
                level=purpose.level,
            )
            if item.purpose == purpose
        }
        months = {"": mine}
        for row in mine:
            months.setdefault(f"{row.origin:%Y-%m}", []).append(row)
        for month, part in months.items():
            figures = _figures(by, part)
            if not month:
                figures |= {"rules": promises(service, connection, by, purpose, part, now)}
            if last.get(month) == figures:
                continue
            as_of = max(row.as_of for row in part)
            scorecards.add(connection, ScorecardRow(model, purpose, month, figures, as_of, now))
            changed += 1
    return changed


def _figures(by: Judge, rows: Sequence[JudgedScore]) -> dict[str, Any]:
    """Return the figures of the scores whose outcome was observed, and the number of each model."""
    seen = [row for row in rows if row.outcome is not None]
    counted = {
        "origins": len({row.origin for row in rows}),
        "unobserved": len(rows) - len(seen),
        "models": dict(sorted(Counter(row.model for row in rows).items())),
        "deployed": None,  # unknown: it is not stored which scores were made during a response
    }
    if not seen:
        return counted
    probability = np.array([row.probability for row in seen])
    outcome = np.array([float(bool(row.outcome)) for row in seen])
    return counted | by.figures(probability, outcome)
