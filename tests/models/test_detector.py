from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.detector import Detector, limits_of, prior_by_moments
from models.ears import ears

PanelOf = Callable[..., Panel]
GDELT = "gdelt"


def test_a_busy_region_is_bounded_by_ears(panel_of: PanelOf) -> None:
    force = np.random.default_rng(3).poisson(20, 60)
    panel = panel_of(60, source=GDELT, force=force)
    limits = limits_of(panel, ("TGO",), GDELT, Target.FORCE)
    judged = ears(force[:, None].astype(float), "C2")
    assert limits.upper.tolist() == judged.upper[-1].tolist()
    assert limits.observed.tolist() == [float(force[-1])]


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
