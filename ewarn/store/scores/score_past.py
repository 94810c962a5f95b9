"""The earlier probabilities of a score, from which a rise is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, func, select

from ewarn.domain.rule import MOST_WEEKS
from ewarn.domain.score import Score
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK
from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.scores.fits import with_other_outcomes
from ewarn.store.tables.scores import score as table
from ewarn.store.tables.scores import score_run


def with_past(connection: Connection, cut: Cut, found: Sequence[Score]) -> list[Score]:
    """Return scores with the probabilities of the twelve origins before each, newest first.

    The probabilities are those of the newest runs under a cut. One is None where an origin was not
    scored, where no rule may use its score, or where its model was trained on outcomes of another
    kind: a probability of something else is not the past of this one.
    """
    known = [score for score in found if score.probability is not None]
    if not known:  # where there is no probability, none can have risen
        return list(found)
    first = min(score.origin for score in known) - MOST_WEEKS * WEEK
    last = max(score.origin for score in known)
    newest = (
        select(func.max(score_run.c.id).label("id"))
        .where(
            *cut.clauses(score_run, known="as_of"),
            score_run.c.interim.is_(False),
            score_run.c.origin >= first,
            score_run.c.origin <= last,
        )
        .group_by(score_run.c.source, score_run.c.origin)
        .subquery()
    )
    rows = connection.execute(
        select(
            score_run.c.source,
            table.c.region,
            table.c.target,
            table.c.horizon_weeks,
            table.c.origin,
            table.c.probability,
            table.c.model,
        )
        .join(newest, table.c.run_id == newest.c.id)
        .join(score_run, score_run.c.id == table.c.run_id)
        .where(
            among(table.c.region, sorted({score.region for score in known})),
            table.c.basis.in_([basis.value for basis in Basis if basis.may_fire]),
        )
    )
    others = frozenset(with_other_outcomes(connection))
    past = {(*row[:5], row.model in others): row.probability for row in rows}
    return [replace(score, before=_before(score, past, score.model in others)) for score in found]


def _before(
    score: Score, past: Mapping[Any, float | None], has_other_outcomes: bool
) -> tuple[float | None, ...]:
    of = (score.source, score.region, score.target.value, score.horizon_weeks)
    first = 0 if score.interim else 1
    return tuple(
        past.get((*of, score.origin - n * WEEK, has_other_outcomes))
        for n in range(first, first + MOST_WEEKS)
    )
