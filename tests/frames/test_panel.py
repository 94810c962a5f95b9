"""Tests that a panel that is cut to weeks and regions cuts all its parts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ewarn.domain.time import WEEK
from ewarn.frames.panel import Arrivals, Calendar, Panel, Spans

FIRST = date(2015, 1, 5)
REGIONS = ("BEN", "GHA", "TGO")
AGES = 2


def _ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def panel() -> Panel:
    """Four weeks of three countries; each region's numbers are its own."""
    shape = (4, len(REGIONS), 1)
    counts = np.arange(12, dtype=np.int32).reshape(shape)
    share = np.arange(1, 7).reshape(AGES, len(REGIONS), 1) / 10
    return Panel(
        FIRST,
        REGIONS,
        ("wire:force",),
        {},
        counts,
        counts % 2 == 0,
        Spans(_ints(0, 2), _ints(0, 0), _ints(0, 2), _ints(1, 3), _ints(7, 8)),
        {},
        Calendar(_ints(2, 0), _ints(1, 9), np.array([True, False])),
        Arrivals(share, share / 10, share[:, :, 0] / 2),
        counts[:, :, 0] + 100,
    )


def test_regions_take_all_that_is_theirs_along(panel: Panel) -> None:
    found = panel.select(["TGO", "BEN"])
    assert found.regions == ("TGO", "BEN")
    assert found.counts[0, :, 0].tolist() == [2, 0]
    assert found.observed[0, :, 0].tolist() == [True, True]
    assert (found.spans.region.tolist(), found.spans.count.tolist()) == ([1, 0], [7, 8])
    assert (found.calendar.region.tolist(), found.calendar.week.tolist()) == ([0, 1], [1, 9])
    assert found.arrivals.share[:, :, 0].tolist() == [[0.3, 0.1], [0.6, 0.4]]
    assert found.arrivals.variance[0, :, 0] == pytest.approx([0.03, 0.01])
    assert found.arrivals.overall[0] == pytest.approx([0.15, 0.05])
    assert panel.select(["BEN"]).calendar.week.tolist() == [9]
    assert found.volume[0].tolist() == [102, 100]


def test_an_earlier_origin_does_not_know_what_is_in_at_a_later_one(panel: Panel) -> None:
    assert panel.until(panel.origin).arrivals is panel.arrivals
    earlier = panel.until(FIRST + 3 * WEEK)
    assert earlier.arrivals.ages == 0
    assert earlier.spans.count.tolist() == [7]
    with pytest.raises(ValueError, match="is not an origin"):
        panel.until(FIRST + 5 * WEEK)


def test_recent_weeks_keep_spans_that_lie_in_them_and_the_share_that_is_in(panel: Panel) -> None:
    recent = panel.recent(2)
    assert (recent.first_week, recent.origin) == (FIRST + 2 * WEEK, panel.origin)
    assert (recent.spans.first.tolist(), recent.spans.last.tolist()) == ([0], [1])
    assert recent.calendar.week.tolist() == [-1, 7]
    assert recent.arrivals is panel.arrivals


def test_counts_of_another_shape_are_refused(panel: Panel) -> None:
    with pytest.raises(ValueError, match="do not have the shape"):
        Panel(FIRST, REGIONS[:2], panel.signals, {}, panel.counts, panel.observed)


def test_volume_is_cut_to_weeks_and_has_the_panel_s_shape(panel: Panel) -> None:
    assert panel.until(FIRST + 2 * WEEK).volume[:, 0].tolist() == [100, 103]
    assert panel.recent(2).volume[:, 0].tolist() == [106, 109]
    unknown = replace(panel, volume=np.zeros((0, 0), np.int32))
    for cut in (unknown.until(FIRST), unknown.recent(2), unknown.select(["TGO"])):
        assert len(cut.volume) == 0
    with pytest.raises(ValueError, match="volume"):
        replace(panel, volume=np.zeros((4, 2), np.int32))
