"""Tests of the past of a score: only scores that rules may use, of the same outcomes."""

from dataclasses import replace

from ewarn.domain.fit import Purpose
from ewarn.domain.score import Score
from ewarn.domain.target import Basis
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.scores import fits, scores
from ewarn.store.scores.score_past import with_past
from tests.scores import moment, origin, score
from tests.store.scores.test_fits import PURPOSE, fit


def put(store: Store, week: int, one: Score) -> None:
    with store.write() as connection:
        scores.record(connection, "invented", origin(week), f"{week}", [one], moment(week))


def past(store: Store, one: Score) -> tuple[float | None, ...]:
    with store.read() as connection:
        (found,) = with_past(connection, Cut(), [one])
    return found.before[:3]


def test_a_probability_that_no_rule_may_hear_is_no_past(store: Store) -> None:
    put(store, 0, score(0.01, 0, basis=Basis.PROVISIONAL))
    put(store, 1, score(0.02, 1))
    assert past(store, score(0.03, 2)) == (0.02, None, None)


def test_a_probability_of_other_outcomes_is_no_past(store: Store) -> None:
    pair = Purpose(PURPOSE.source, PURPOSE.target, PURPOSE.level, 4, "ucdp")
    made = fit(0, pair)
    with store.write() as connection:
        made = fits.load(connection, fits.add(connection, made))
    put(store, 0, score(0.01, 0))
    put(store, 1, score(0.02, 1, model=made.stamped))
    assert past(store, score(0.03, 2)) == (None, 0.01, None)
    assert past(store, replace(score(0.03, 2), model=made.stamped)) == (0.02, None, None)
