from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ewarn.frames.panel import Panel, Spans
from models.inputs.rates import (
    MEAN_EVENTS,
    MEAN_WEEKS,
    PSEUDO_WEEKS,
    WIDE,
    Exposure,
    Rates,
    decayed,
)

PanelOf = Callable[..., Panel]
SIGNAL = "mass-mobilization:arrest"


def rates(panel: Panel, weeks: int = 1) -> Rates:
    return Rates.of(panel, SIGNAL, Exposure(panel, "mass-mobilization", weeks))


def by_hand(series: list[int], seen: list[int], half_life: int, mean: float) -> float:
    share = [0.5 ** (age / half_life) for age in range(len(series))][::-1]
    events = sum(each * weight for each, weight in zip(series, share, strict=True))
    watched = sum(each * weight for each, weight in zip(seen, share, strict=True))
    return float((events + PSEUDO_WEEKS * mean) / (watched + PSEUDO_WEEKS))


def test_a_rate_weighs_an_event_of_one_half_life_ago_by_half(panel_of: PanelOf) -> None:
    series = [0, 3, 0, 0, 1]
    found = rates(panel_of(5, arrest=series))
    total = sum(each * 0.5 ** (age / 2) for age, each in enumerate(series[::-1]))
    watched = sum(0.5 ** (age / 2) for age in range(5))
    mean = (total + MEAN_EVENTS) / (watched + MEAN_WEEKS)
    assert found.mean(2)[0, 0] == pytest.approx(mean)
    expected = by_hand(series, [1] * 5, 2, mean)
    assert found.ladder(np.array([0]), (2,))[0, 0, 0] == pytest.approx(expected)


def test_a_week_that_was_not_observed_is_no_quiet_week(panel_of: PanelOf) -> None:
    panel = panel_of(104, arrest=[1] * 52 + [0] * 52)
    panel.observed[52:] = False
    unseen = rates(panel).ladder(np.array([0]), (26,))[0, 0, 0]
    panel.observed[:] = True
    seen = rates(panel).ladder(np.array([0]), (26,))[0, 0, 0]
    assert unseen > 0.7 > 0.3 > seen


def test_rates_at_past_weeks_are_those_of_the_panel_cut_there(panel_of: PanelOf) -> None:
    panel = panel_of(60, regions=("TGO", "BEN", "TG-M"), parents={"TG-M": "TGO"}, rate=0.3)
    over = rates(panel, weeks=3).ladder(np.arange(3), (4, 520))
    cut = rates(panel.until(panel.week(58))).ladder(np.arange(3), (4, 520))
    assert over[0] == pytest.approx(cut[0], rel=1e-12)


def test_an_event_of_several_weeks_counts_in_its_last(panel_of: PanelOf) -> None:
    index = list(panel_of(1).signals).index(SIGNAL)
    span = Spans(*(np.array([value]) for value in (0, index, 10, 14, 1)))
    spread = rates(replace(panel_of(20), spans=span)).ladder(np.array([0]), (4,))
    plain = rates(panel_of(20, arrest=[0] * 14 + [1] + [0] * 5)).ladder(np.array([0]), (4,))
    assert np.array_equal(spread, plain)


def test_an_empty_panel_has_the_rates_of_nowhere(panel_of: PanelOf) -> None:
    found = rates(panel_of(0)).ladder(np.array([0]), (4, 520))
    assert found == pytest.approx(np.full((1, 1, 2), MEAN_EVENTS / MEAN_WEEKS))


@pytest.mark.parametrize("weeks", [1, 3, 80])
def test_many_columns_decay_to_the_bits_that_each_has_alone(weeks: int) -> None:
    series = np.random.default_rng(1).poisson(0.3, (70, WIDE + 1)).astype(np.float64)
    whole = decayed(series, 8, weeks)
    for column in (0, WIDE):
        assert np.array_equal(whole[:, column], decayed(series[:, column], 8, weeks))
