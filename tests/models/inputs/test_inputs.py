from collections.abc import Callable

import numpy as np
import pytest

from ewarn.domain.target import Target
from ewarn.frames.panel import Panel, Spans
from models.inputs.inputs import (
    BLOCKS,
    COUNTRY,
    RATES,
    SINCE,
    SINCE_WEEKS,
    WINDOWS,
    Inputs,
    inputs_at_origin,
    values_over,
)

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"
KINDS = ("protest", "force:lethal")


def inputs(panel: Panel) -> Inputs:
    return inputs_at_origin(panel, panel.regions, MM, Target.FORCE, 4)


def test_windows_since_and_blocks_of_one_series(panel_of: PanelOf) -> None:
    arrests = np.zeros(200, dtype=int)
    arrests[[-3, -30, -170]] = 2, 1, 7
    row = inputs(panel_of(200, arrest=arrests)).of("arrest")[0]
    assert dict(zip(WINDOWS, row[: len(WINDOWS)], strict=True)) == {
        1: 0,
        4: 2,
        12: 2,
        26: 2,
        52: 3,
        156: 3,
    }
    assert row[SINCE] == 2
    assert row[BLOCKS:].tolist() == [2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]


def test_what_never_happened_was_260_weeks_ago(panel_of: PanelOf) -> None:
    assert inputs(panel_of(30)).of("arrest")[0, SINCE] == SINCE_WEEKS == 260
    assert inputs(panel_of(30)).since("arrest").tolist() == [260]
    assert inputs(panel_of(30)).since("a kind that is not read").tolist() == [260]


def test_values_over_past_weeks_are_those_of_the_panel_cut_there(panel_of: PanelOf) -> None:
    span = Spans(*(np.array([value]) for value in (0, 4, 170, 173, 2)))
    regions, parents = ("TGO", "TG-M"), {"TG-M": "TGO"}
    panel = panel_of(180, regions=regions, parents=parents, rate=0.2, spans=span)
    over = values_over(panel, regions, MM, KINDS, 4, weeks=12)
    for back in range(12):
        cut = panel.until(panel.week(180 - back - 1)) if back else panel
        cut = panel.until(panel.first_week + (panel.week(1) - panel.first_week) * (180 - back))
        once = values_over(cut, regions, MM, KINDS, 4, weeks=1)
        assert np.array_equal(over[11 - back][..., :RATES], once[0][..., :RATES])
        assert over[11 - back] == pytest.approx(once[0], rel=1e-9)


def test_a_span_counts_where_a_window_holds_it_all(panel_of: PanelOf) -> None:
    span = Spans(*(np.array([value]) for value in (0, 0, 30, 37, 1)))
    row = inputs(panel_of(40, spans=span)).of("protest")[0]
    assert row[: len(WINDOWS)].tolist() == [0, 0, 1, 1, 1, 1]
    assert row[BLOCKS:].sum() == 0
    assert row[SINCE] == 9


def test_a_subdivision_knows_its_country_and_its_siblings(panel_of: PanelOf) -> None:
    regions, parents = ("TGO", "TG-M", "TG-K"), {"TG-M": "TGO", "TG-K": "TGO"}
    series = np.zeros((10, 3))
    series[-1] = 5, 1, 0
    found = inputs(panel_of(10, regions=regions, parents=parents, protest=series))
    assert found.of("protest")[:, COUNTRY].tolist() == [5, 5, 5]
    assert found.siblings.tolist() == [0, 2, 2]
    assert found.exposure.tolist() == [10, 10, 10]


@pytest.mark.parametrize("weeks", [0, 1, 3])
def test_a_short_panel_is_answered(panel_of: PanelOf, weeks: int) -> None:
    found = inputs(panel_of(weeks, protest=[2] * weeks))
    assert found.of("protest")[0, SINCE - 1] == 2 * weeks
    assert found.exposure.tolist() == [weeks]
