from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.count_tails import mid_p
from models.detector import Detector, limits_of, prior_by_moments
from models.discovery import discoveries
from models.farrington import detect

PanelOf = Callable[..., Panel]
GDELT = "gdelt"


def test_a_busy_region_with_years_of_past_is_bounded_by_farrington(panel_of: PanelOf) -> None:
    force = np.random.default_rng(3).poisson(20, 300)
    limits = limits_of(panel_of(300, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE)
    judged = detect(force[-264:, None], weeks=[263])
    assert limits.expected.tolist() == judged.expected[0].tolist()
    assert limits.upper.tolist() == judged.upper[0].tolist()
    assert limits.observed.tolist() == [float(force[-1])]
    own = mid_p(limits.observed, judged.expected[0], judged.dispersion[0])
    assert limits.p_value.tolist() == own.tolist()


@pytest.mark.parametrize(("weeks", "years"), [(159, None), (160, 3), (211, 3), (260, 4), (264, 5)])
def test_farrington_looks_back_as_far_as_it_can(
    panel_of: PanelOf, weeks: int, years: int | None
) -> None:
    force = np.random.default_rng(4).poisson(20, weeks)
    found = limits_of(panel_of(weeks, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE)
    expected = [
        detect(force[:, None], weeks=[weeks - 1], years_back=back).expected[0, 0]
        for back in range(3, 6)
        if back * 52 + 4 <= weeks
    ]
    assert (found.expected[0] in expected) == (years is not None)
    assert years is None or found.expected[0] == expected[years - 3]


def test_a_region_watched_for_less_than_three_of_five_years_is_pooled(panel_of: PanelOf) -> None:
    force = np.random.default_rng(5).poisson(20, 264)
    panel = panel_of(264, source=GDELT, force=force)
    pooled = limits_of(panel.recent(100), ("TGO",), GDELT, Target.FORCE).expected
    panel.observed[:100] = False
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).expected != pooled
    panel.observed[:110] = False
    assert limits_of(panel, ("TGO",), GDELT, Target.FORCE).expected == pooled


def test_a_restless_region_is_allowed_its_own_dispersion(panel_of: PanelOf) -> None:
    calm = [6, 7, 5, 6] * 15
    restless = [0, 0, 24, 0] * 15
    upper = [
        limits_of(panel_of(60, source=GDELT, force=force), ("TGO",), GDELT, Target.FORCE).upper[0]
        for force in (calm, restless)
    ]
    assert 12 < upper[0] < 18
    assert upper[1] > 30


def test_mid_p_values_of_quiet_and_busy_regions_fill_one_budget(panel_of: PanelOf) -> None:
    random = np.random.default_rng(6)
    names = tuple(f"R{i:03d}" for i in range(300))
    level = np.where(np.arange(300) < 150, 0.1, 15.0)
    force = random.poisson(level, (264, 300))
    panel = panel_of(264, source=GDELT, regions=names, force=force)
    p_value = limits_of(panel, names, GDELT, Target.FORCE).p_value
    assert 0.3 < p_value.mean() < 0.7
    assert not discoveries(p_value, 0.1).any()
    force[-1, [3, 200]] = [4, 60]
    flood = panel_of(264, source=GDELT, regions=names, force=force)
    found = discoveries(limits_of(flood, names, GDELT, Target.FORCE).p_value, 0.1)
    assert np.flatnonzero(found).tolist() == [3, 200]


def test_a_quiet_region_is_bounded_by_pooling_and_one_event_is_no_alarm(
    panel_of: PanelOf,
) -> None:
    force = np.zeros((60, 40), dtype=int)
    force[5:50:9, :10] = 1
    force[-1, 20] = 1
    regions = tuple(f"R{i:02d}" for i in range(40))
    panel = panel_of(60, source=GDELT, regions=regions, force=force)
    limits = limits_of(panel, regions, GDELT, Target.FORCE)
    assert 0 < limits.expected[20] < limits.expected[0] < 0.2
    assert limits.upper[20] >= 1
    force[-1, 20] = 4
    flood = panel_of(60, source=GDELT, regions=regions, force=force)
    assert limits_of(flood, regions, GDELT, Target.FORCE).upper[20] < 4


def test_weeks_that_were_not_observed_do_not_lower_the_rate(panel_of: PanelOf) -> None:
    force = [0] * 30 + [1] * 30
    whole = panel_of(60, source=GDELT, force=force)
    blind = panel_of(60, source=GDELT, force=force)
    blind.observed[:30] = False
    seen = limits_of(whole, ("TGO",), GDELT, Target.ESCALATION).expected
    assert limits_of(blind, ("TGO",), GDELT, Target.ESCALATION).expected > seen


def test_moments_of_equal_regions_pool_them_wholly() -> None:
    prior = prior_by_moments(np.full(50, 5.0), np.full(50, 50.0))
    assert prior.mean == pytest.approx(0.1)
    assert prior.region_shape == 50


def test_moments_of_unequal_regions_leave_them_apart() -> None:
    prior = prior_by_moments(np.array([0.0] * 45 + [50.0] * 5), np.full(50, 50.0))
    assert prior.region_shape < 0.2


def test_drivers_are_the_signals_of_the_series_by_weight(panel_of: PanelOf) -> None:
    panel = panel_of(20, source=GDELT, arrest=[1] * 20, force=[1] * 20, protest=[9] * 20)
    drivers = Detector(Target.ESCALATION, Level.COUNTRY, source=GDELT).drivers(panel, ["TGO"])
    assert [(driver.signal, driver.count) for driver in drivers["TGO"]] == [
        ("gdelt:force", 4),
        ("gdelt:arrest", 4),
    ]
    assert drivers["TGO"][0].contribution is None
    assert drivers["TGO"][0].first_week == panel.origin - timedelta(weeks=4)
