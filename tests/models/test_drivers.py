import dataclasses
from collections.abc import Callable
from itertools import permutations

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.drivers import shapley
from models.ensemble import Ensemble
from models.inputs import Inputs, inputs_at_origin
from models.registry import SERVED
from models.shipped import load

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"
REGIONS = ("TGO", "TG-M", "TG-K", "BEN", "BJ-OU")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO", "BJ-OU": "BEN"}


def question(panel: Panel, model: Ensemble, regions: tuple[str, ...]) -> Inputs:
    return inputs_at_origin(panel, regions, model.source, model.target, 4)


@pytest.mark.parametrize(("target", "level"), SERVED)
@pytest.mark.parametrize("source", [MM, "chronicle"])
def test_contributions_sum_to_the_logit_less_that_of_the_median_input(
    panel_of: PanelOf, target: Target, level: Level, source: str
) -> None:
    model = load(target, level, source=source, illustration=True)
    panel = panel_of(270, source=source, regions=REGIONS, parents=PARENTS, rate=0.3)
    regions = panel.at(level)
    inputs = question(panel, model, regions)
    median = inputs.with_values(model.median_values(panel, regions))
    expected = model.logit(inputs) - model.logit(median)
    drivers = model.drivers(panel, regions)
    sums = [sum(driver.contribution or 0 for driver in drivers[region]) for region in regions]
    assert sums == pytest.approx(expected.tolist(), abs=1e-6)
    assert np.abs(expected).max() > 0.01


def test_shapley_values_are_the_mean_over_all_orders_of_joining(panel_of: PanelOf) -> None:
    inputs = question(panel_of(60, rate=0.5), load(Target.FORCE, Level.COUNTRY), ("TGO",))
    median = np.zeros_like(inputs.values)

    def logit(found: Inputs) -> FloatArray:
        last = found.values[..., 5]
        return np.asarray(last[..., 0] * last[..., 1] + last[..., 2] * last[..., 4] + last[..., 3])

    now, mean = inputs.values, np.zeros(5)
    for order in permutations(range(5)):
        mixed = median.copy()
        for kind in order:
            before = logit(inputs.with_values(mixed))[0]
            mixed[:, kind] = now[:, kind]
            mean[kind] += (logit(inputs.with_values(mixed))[0] - before) / 120
    assert shapley(inputs, median, logit)[0] == pytest.approx(mean)


def test_drivers_come_largest_first_and_name_their_weeks(panel_of: PanelOf) -> None:
    arrests = np.zeros(270, dtype=int)
    arrests[-4:] = 3, 2, 4, 1
    panel = panel_of(270, arrest=arrests, protest=[0] * 269 + [1])
    first, *rest = load(Target.FORCE, Level.COUNTRY).drivers(panel, ["TGO"])["TGO"]
    assert first.signal == "mass-mobilization:arrest"
    assert (first.first_week, first.last_week) == (panel.origin - 4 * WEEK, panel.origin - WEEK)
    assert first.count == 10
    sizes = [abs(driver.contribution or 0) for driver in (first, *rest)]
    assert sizes == sorted(sizes, reverse=True)


def test_a_silent_region_has_no_drivers(panel_of: PanelOf) -> None:
    assert load(Target.FORCE, Level.COUNTRY).drivers(panel_of(270), ["TGO"]) == {"TGO": ()}


def test_more_than_eight_kinds_are_refused(panel_of: PanelOf) -> None:
    inputs = question(panel_of(20), load(Target.FORCE, Level.COUNTRY), ("TGO",))
    many = dataclasses.replace(inputs, kinds=("x",) * 9)
    with pytest.raises(ValueError, match="at most 8"):
        shapley(many, inputs.values, lambda found: found.bar)
