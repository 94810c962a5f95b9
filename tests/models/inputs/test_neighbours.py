from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel
from models.inputs.inputs import NEAR, inputs_at_origin
from models.inputs.neighbours import NEAREST, neighbours_of

PanelOf = Callable[..., Panel]
CENTRES = {"TGO": (8.5, 1.0), "BEN": (9.5, 2.3), "GHA": (7.9, -1.2), "NZL": (-41.0, 174.0)}
REGIONS = (*CENTRES, "TG-M", "TG-K")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO"}


@pytest.fixture
def panel(panel_of: PanelOf) -> Panel:
    centres = {**CENTRES, "TG-M": (6.5, 1.2), "TG-K": (9.6, 1.2)}
    return replace(panel_of(60, regions=REGIONS, parents=PARENTS, rate=0.2), centres=centres)


def test_the_nearest_come_first_and_weights_sum_to_one(panel: Panel) -> None:
    found = neighbours_of(panel)
    assert [REGIONS[i] for i in found.index[0][:3]] == ["BEN", "GHA", "NZL"]
    assert found.weight[:4].sum(axis=1) == pytest.approx(1)
    assert found.weight[0, 0] > found.weight[0, 1] > 0.3
    assert found.weight[0, 2] < 1e-6


def test_a_subdivision_has_subdivisions_for_neighbours(panel: Panel) -> None:
    found = neighbours_of(panel)
    assert [REGIONS[found.index[4, 0]], REGIONS[found.index[5, 0]]] == ["TG-K", "TG-M"]


def test_without_a_place_there_are_no_neighbours(panel: Panel) -> None:
    found = neighbours_of(replace(panel, centres={}))
    assert found.weight.shape == (6, NEAREST)
    assert not found.weight.any()


def test_what_happens_next_door_is_heard_by_distance(panel_of: PanelOf) -> None:
    lethal = np.zeros((60, 4), dtype=int)
    lethal[-4:, 1] = 3
    panel = replace(panel_of(60, regions=tuple(CENTRES), lethal=lethal), centres=CENTRES)
    found = inputs_at_origin(panel, tuple(CENTRES), "mass-mobilization", Target.FORCE, 4)
    togo, _, ghana, zealand = found.of("force:lethal")[:, NEAR]
    assert togo > ghana > zealand
