"""Every interval that is said to hold nine times in ten does, on invented truths."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import poisson

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.effect.interrupted import estimate_of
from models.ensemble.contagion import exciters
from models.ensemble.intervals import Replicates, interval
from models.fatalities.conformal import BinConditional
from models.fitting.scorecard import Scorecard
from models.inputs.features import features
from models.inputs.inputs import inputs_at_origin
from models.judging.measures.bootstrap import Draws, estimate
from models.nowcast.nowcast import Completed

WORLDS = 2000


def drawn(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def of_a_figure() -> float:
    """A mean over fifty countries."""
    draws = Draws.of(50, seed=1).with_all
    worlds = drawn().normal(size=(WORLDS // 4, 50))
    found = [estimate(draws @ world / 50) for world in worlds]
    return float(np.mean([each["low"] <= 0 <= each["high"] for each in found]))  # type: ignore[operator]


def of_an_effect() -> float:
    """A log change of zero, told with a standard error on seven degrees of freedom."""
    error = np.sqrt(drawn().chisquare(7, WORLDS) / 7)
    found = [
        estimate_of("", change, each, np.zeros(0), 7)
        for change, each in zip(drawn(2).normal(size=WORLDS), error, strict=True)
    ]
    return float(np.mean([each.low <= 1 <= each.high for each in found]))


def of_deaths() -> float:
    """Counts that come after forecasts like those it learned from."""
    points = drawn().normal(6, 1, (2, WORLDS))
    counts = np.rint(np.expm1(points + drawn(2).normal(0, 0.3, points.shape))).clip(0)
    low, high = BinConditional(edges=()).fit(points[0], counts[0]).interval(points[1])
    return float(((low <= counts[1]) & (counts[1] <= high)).mean())


def of_a_final_count() -> float:
    """What is yet to be reported: a negative binomial of mean 200 and variance 600."""
    missing = drawn().negative_binomial(100, 1 / 3, WORLDS)
    told = [np.array([each]) for each in (3.0, 203.0, 600.0, 0.5)]
    low, high = Completed(*told).interval()
    return float(((low <= 3 + missing) & (3 + missing <= high)).mean())


def of_a_poisson_expectation() -> float:
    """The least that any expectation between three and thirty has: the interval is exact."""
    counts = np.arange(100)
    low, high = np.array([Scorecard().interval(int(count)) for count in counts]).T
    expected = np.linspace(3, 30, 500)[:, None]
    holds = (low <= expected) & (expected <= high)
    return float((poisson.pmf(counts, expected) * holds).sum(axis=1).min())


@pytest.mark.parametrize(
    "held", [of_a_figure, of_an_effect, of_deaths, of_a_final_count, of_a_poisson_expectation]
)
def test_an_interval_holds_nine_times_in_ten(held: Callable[[], float]) -> None:
    assert held() == pytest.approx(0.9, abs=0.025)


def test_a_score_lies_between_the_twentieth_and_the_last_twentieth_of_its_refits(
    panel_of: Callable[..., Panel],
) -> None:
    inputs = inputs_at_origin(panel_of(8), ["TGO"], "mass-mobilization", Target.FORCE, 4)
    logits: FloatArray = drawn().normal(size=WORLDS)
    none = {"base": np.zeros(WORLDS), "intercept": np.zeros(WORLDS), "pool_intercept": logits}
    refits = Replicates(
        excitement=np.zeros((exciters(inputs).shape[-1], WORLDS)),
        coefficients=np.zeros((features(inputs).shape[-1], WORLDS)),
        pool_weights=np.zeros((2, WORLDS)),
        typical=np.zeros(features(inputs).shape[-1]),
        **none,
    )
    low, high = interval(
        refits, inputs, np.full((1, 2), 0.5), np.zeros(1), contagion=0, escalation=1
    )
    assert np.mean(logits < low) == pytest.approx(0.05, abs=0.001)
    assert np.mean(logits > high) == pytest.approx(0.05, abs=0.001)
