"""Tests of training sets: rows hold what was known on their day, and thinning keeps outcomes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from models.judging.backtest.plan import mondays
from models.training.rows import ModelQuestion, Rows, gather
from models.training.training_set import TrainingSet, training_set_from
from tests.models.conftest import FIRST

REGIONS = tuple(f"C{i:02d}" for i in range(12))
QUESTION = ModelQuestion("mass-mobilization", Target.FORCE, Level.COUNTRY, 4, {}, {})
ORIGINS = mondays(FIRST + 30 * WEEK, FIRST + 90 * WEEK)
DAY = FIRST + 80 * WEEK
KEEP = 0.2


@dataclass(frozen=True)
class Revised:
    """A history of which half was told later, and some of what had been told was taken back."""

    known: Panel
    told: Panel

    def as_known(self, origin: datetime) -> Panel:
        return self.known.until(origin.date())

    def final(self) -> Panel:
        return self.told


@pytest.fixture
def history(panel_of: Callable[..., Panel]) -> Revised:
    random = np.random.default_rng(4)
    first = random.binomial(1, 0.1, (100, len(REGIONS)))
    later = np.where(random.random(first.shape) < 0.5, random.binomial(1, 0.1, first.shape), first)
    known, told = (
        panel_of(100, regions=REGIONS, force=each, lethal=each) for each in (first, later)
    )
    return Revised(known, told)


@pytest.fixture
def found(history: Revised) -> TrainingSet:
    stretches = [(DAY, DAY + 10 * WEEK)]
    return training_set_from(history, ORIGINS, QUESTION, stretches, keep_negatives=KEEP, seed=9)


def gathered(history: Revised, last: date, known_at: datetime | None) -> Rows:
    origins = [origin for origin in ORIGINS if origin.date() <= last]
    return gather(
        history,
        origins,
        source=QUESTION.source,
        target=QUESTION.target,
        level=QUESTION.level,
        horizon_weeks=QUESTION.horizon_weeks,
        known_at=known_at,
        keep_negatives=KEEP,
        seed=9,
    )


def assert_same(one: Rows, other: Rows) -> None:
    for name in ("week", "region", "label", "weight"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.inputs.bar.tolist() == other.inputs.bar.tolist()


def test_what_is_known_at_the_end_is_what_a_plain_fit_gathers(
    history: Revised, found: TrainingSet
) -> None:
    assert_same(found.known_at_the_end(), gathered(history, ORIGINS[-1].date(), None))


def test_what_was_known_on_a_day_is_what_a_fit_on_that_day_would_have_gathered(
    history: Revised, found: TrainingSet
) -> None:
    then = found.known_on(DAY)
    assert_same(then, gathered(history, DAY - 4 * WEEK, midnight(DAY)))
    assert int(then.week.max()) < int(found.known_at_the_end().week.max())
    at_the_end = found.known_at_the_end()
    later = {key for key, label in _labels(at_the_end).items() if label}
    before = {key for key, label in _labels(then).items() if label}
    assert before - later, "what was taken back was learned from then"


def _labels(rows: Rows) -> dict[tuple[int, int], float]:
    keys = zip(rows.week.tolist(), rows.region.tolist(), strict=True)
    return dict(zip(keys, rows.label.tolist(), strict=True))


def test_an_origin_whose_outcome_is_not_over_teaches_nothing(history: Revised) -> None:
    with pytest.raises(ModelError, match="holds no full outcome of origin"):
        training_set_from(
            history, mondays(DAY, FIRST + 97 * WEEK), QUESTION, [], keep_negatives=1.0
        )
