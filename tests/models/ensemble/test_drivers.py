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
from models.ensemble.drivers import shapley
from models.ensemble.ensemble import Ensemble
from models.ensemble.shipped_parameters import load
from models.inputs.inputs import BLOCKS, NEAR, Inputs, inputs_at_origin
from models.model_kind import USUAL_PURPOSES

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"
REGIONS = ("TGO", "TG-M", "TG-K", "BEN", "BJ-OU")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO", "BJ-OU": "BEN"}


def question(panel: Panel, model: Ensemble, regions: tuple[str, ...]) -> Inputs:
    return inputs_at_origin(panel, regions, model.source, model.target, 4)


@pytest.mark.parametrize(("target", "level"), USUAL_PURPOSES)
@pytest.mark.parametrize("source", [MM, "chronicle"])
def test_contributions_sum_to_the_logit_less_that_of_the_median_input(
    panel_of: PanelOf, target: Target, level: Level, source: str
) -> None:
    model = load(target, level, source=source, illustration=True)
    panel = panel_of(270, source=source, regions=REGIONS, parents=PARENTS, rate=0.3)
    regions = panel.at(level)
    inputs = question(panel, model, regions)
    median = model.median_inputs(panel, inputs, regions)
    expected = model.logit(inputs) - model.logit(median)
    drivers = model.drivers(panel, regions)
    sums = [sum(driver.contribution or 0 for driver in drivers[region]) for region in regions]
    assert sums == pytest.approx(expected.tolist(), abs=1e-6)
    assert np.abs(expected).max() > 0.01


def test_shapley_values_are_the_mean_over_all_orders_of_joining(panel_of: PanelOf) -> None:
    inputs = question(panel_of(60, rate=0.5), load(Target.FORCE, Level.COUNTRY), ("TGO",))
    median = inputs.with_evidence(np.zeros_like(inputs.values), inputs.votes)

    def logit(found: Inputs) -> FloatArray:
        last, near = found.values[..., 5], found.values[..., NEAR].sum(axis=-1)
        kinds = last[..., 0] * last[..., 1] + last[..., 2] * last[..., 4] + last[..., 3]
        return np.asarray(kinds + near * last[..., 1])

    now, mean = inputs.values, np.zeros(6)
    for order in permutations(range(6)):
        mixed = median.values.copy()
        for group in order:
            before = logit(inputs.with_evidence(mixed, inputs.votes))[0]
            if group == 5:
                mixed[..., NEAR:BLOCKS] = now[..., NEAR:BLOCKS]
            else:
                mixed[:, group, :NEAR] = now[:, group, :NEAR]
                mixed[:, group, BLOCKS:] = now[:, group, BLOCKS:]
            mean[group] += (logit(inputs.with_evidence(mixed, inputs.votes))[0] - before) / 720
    assert shapley(inputs, median, logit)[0] == pytest.approx(mean)


def test_drivers_come_largest_first_and_name_their_weeks(panel_of: PanelOf) -> None:
    arrests = np.zeros(270, dtype=int)
    arrests[-4:] = 3, 2, 4, 1
    panel = panel_of(270, arrest=arrests, restriction=[0] * 200 + [1] + [0] * 69)
    first, *rest = load(Target.FORCE, Level.COUNTRY).drivers(panel, ["TGO"])["TGO"]
    assert first.signal == "mass-mobilization:arrest"
    assert (first.first_week, first.last_week) == (panel.origin - 4 * WEEK, panel.origin - WEEK)
    assert first.count == 10
    sizes = [abs(driver.contribution or 0) for driver in (first, *rest)]
    assert sizes == sorted(sizes, reverse=True)


def test_nothing_moves_a_silent_region_much(panel_of: PanelOf) -> None:
    """Its rates are drawn to a mean that falls a little with every quiet week."""
    model = load(Target.FORCE, Level.COUNTRY)
    drivers = model.drivers(panel_of(600), ["TGO"])["TGO"]
    assert all(abs(driver.contribution or 0) < 0.2 for driver in drivers)
    assert {driver.count for driver in drivers} == {0}


def test_what_happens_around_is_one_driver_without_a_count(panel_of: PanelOf) -> None:
    lethal = np.zeros((270, 2), dtype=int)
    lethal[-8:, 1] = 5
    panel = panel_of(270, regions=("TGO", "BEN"), lethal=lethal, force=lethal)
    panel = dataclasses.replace(panel, centres={"TGO": (8.0, 1.0), "BEN": (9.5, 2.3)})
    first, *_ = load(Target.FORCE, Level.COUNTRY).drivers(panel, ["TGO"])["TGO"]
    assert (first.signal, first.count) == ("mass-mobilization:around", 0)
    assert (first.contribution or 0) > 0


def test_more_than_eight_groups_are_refused(panel_of: PanelOf) -> None:
    inputs = question(panel_of(20), load(Target.FORCE, Level.COUNTRY), ("TGO",))
    many = dataclasses.replace(inputs, kinds=("x",) * 8)
    with pytest.raises(ValueError, match="at most 8"):
        shapley(many, inputs, lambda found: found.bar)
