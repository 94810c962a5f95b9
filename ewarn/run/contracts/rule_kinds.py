"""Checks for any kind of rule: call `check_rule_kind(KIND(...))` in its tests."""

import itertools
from datetime import date

from ewarn.domain.rule import Condition
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import midnight

MONDAY = date(2020, 1, 6)
SERIES = (0.001, 0.02, 0.3, 0.9)
COUNTS = (0, 3, 1000)


def check_rule_kind(condition: Condition) -> None:
    """Check a condition on invented scores.

    Raises:
        AssertionError: A check failed; the text says which.
    """
    assert condition.written["kind"], "a file of rules names its kind"
    assert condition.words.strip(), "it has words for a score that meets it"
    assert "\n" not in condition.words, "its words are one line"
    above = [condition.is_above(score) for score in scores()]
    below = [condition.is_below(score) for score in scores()]
    assert not any(map(all, zip(above, below, strict=True))), "no score both opens and closes"
    assert above == [condition.is_above(score) for score in scores()], "it answers the same twice"
    assert {*map(type, above), *map(type, below)} == {bool}, "it answers True or False"
    assert any(above), "some score opens an alert"
    assert any(below), "some score closes one: otherwise it stays open for ever"


def scores() -> list[Score]:
    """Return invented scores: with a probability, after others or none, and with a bound only."""
    before = [(), (None,), *itertools.product((*SERIES, None), repeat=2)]
    probable = [invented(value, past) for value in SERIES for past in before]
    return probable + [invented(None, (), observed=count) for count in COUNTS]


def invented(
    probability: float | None, before: tuple[float | None, ...], observed: int | None = 1
) -> Score:
    """Return a score of a region of Togo."""
    return Score(
        region="TG-M",
        country="TGO",
        target=Target.FORCE,
        horizon_weeks=4,
        origin=MONDAY,
        model="invented@1",
        basis=Basis.UNCALIBRATED if probability is None else Basis.CALIBRATED,
        band=Band.UNCALIBRATED if probability is None else Band.ELEVATED,
        probability=probability,
        low=None if probability is None else probability / 2,
        high=None if probability is None else min(2 * probability, 0.99),
        expected=1.0,
        upper=3.0,
        observed=observed,
        completeness=1.0,
        sources=(SourceFooting("invented", Health.OK, 1.0),),
        drivers=(),
        as_of=midnight(MONDAY),
        recorded_at=midnight(MONDAY),
        before=before,
    )
