"""Tests of a panel that includes the week that is not over yet."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Arrivals, Panel
from ewarn.panel.ledger import from_ledger
from ewarn.panel.so_far import with_week_so_far

FIRST = date(2020, 1, 6)
ORIGIN = FIRST + 6 * WEEK
REGIONS = ("TGO", "TG-M", "BEN", "nowhere")
SIGNALS = ("invented:force", "invented:arrest")
COLUMNS = ["region", "week", "last_week", "signal", "delta"]
rows = st.lists(
    st.tuples(
        st.sampled_from((*REGIONS, "SEN")),
        st.integers(-1, 7),
        st.integers(0, 2),
        st.sampled_from((*SIGNALS, "other:force")),
        st.sampled_from((-1, 1, 2)),
    ),
    max_size=12,
)


def ledger(drawn: list[tuple[str, int, int, str, int]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (region, FIRST + week * WEEK, FIRST + (week + more) * WEEK, signal, delta)
            for region, week, more, signal, delta in drawn
        ],
        columns=COLUMNS,
    )


def panel(deltas: pd.DataFrame, weeks: int, last_watched: int) -> Panel:
    return from_ledger(
        deltas,
        regions=REGIONS,
        parents={"TG-M": "TGO"},
        signals=SIGNALS,
        first_week=FIRST,
        origin=FIRST + weeks * WEEK,
        coverage=[Coverage("invented", "*", FIRST, FIRST + last_watched * WEEK)],
    )


@given(before=rows, since=rows)
def test_it_is_the_panel_of_all_that_is_known_with_one_week_more(
    before: list[tuple[str, int, int, str, int]], since: list[tuple[str, int, int, str, int]]
) -> None:
    # Events that ended after the panel's weeks would be in the earlier ledger only by mistake.
    before = [row for row in before if row[1] + row[2] < 6]
    longer = with_week_so_far(panel(ledger(before), 6, 5), ledger(since))
    whole = panel(ledger(before + since), 7, 6)
    assert longer.origin == ORIGIN + WEEK
    assert np.array_equal(longer.counts, whole.counts)
    assert np.array_equal(longer.observed, whole.observed)
    for name in ("region", "signal", "first", "last", "count"):
        assert np.array_equal(getattr(longer.spans, name), getattr(whole.spans, name))


def test_the_panel_that_it_goes_on_from_stays_as_it_was() -> None:
    before = panel(ledger([("TG-M", 3, 0, SIGNALS[0], 1)]), 6, 5)
    counts = before.counts.copy()
    with_week_so_far(before, ledger([("TG-M", 3, 0, SIGNALS[0], 4), ("TG-M", 6, 0, SIGNALS[0], 1)]))
    assert np.array_equal(before.counts, counts)
    assert before.weeks == 6


def test_a_week_that_was_not_observed_stays_missing_before_the_week_so_far() -> None:
    longer = with_week_so_far(panel(ledger([]), 6, 3), ledger([]))
    assert longer.observed[:, 0, 0].tolist() == [True] * 4 + [False] * 2 + [True]


def test_the_week_so_far_is_judged_by_the_bound_of_a_whole_week() -> None:
    known = Arrivals(np.full((2, 4, 2), 0.5), np.full((2, 4, 2), 0.1), np.full((2, 4), 0.5))
    before = panel(ledger([]), 6, 5)
    object.__setattr__(before, "arrivals", known)
    arrivals = with_week_so_far(before, ledger([])).arrivals
    assert arrivals.share[:, 0, 0].tolist() == [1.0, 0.5, 0.5]
    assert arrivals.variance[:, 0, 0].tolist() == [0.0, 0.1, 0.1]
    assert arrivals.overall[:, 0].tolist() == [1.0, 0.5, 0.5]
    assert with_week_so_far(panel(ledger([]), 6, 5), ledger([])).arrivals.ages == 0


def test_days_inside_the_week_so_far_count_in_its_monday() -> None:
    deltas = ledger([("TG-M", 6, 0, SIGNALS[0], 1)])
    assert deltas["week"][0] == ORIGIN + timedelta(0)
    longer = with_week_so_far(panel(ledger([]), 6, 5), deltas)
    assert longer.counts[-1, :, 0].tolist() == [1, 1, 0, 0]


def test_of_the_week_so_far_as_much_is_told_as_of_the_last_one_or_more() -> None:
    known = replace(panel(ledger([]), 6, 5), volume=np.full((6, 4), 10, np.int32))
    more = np.concatenate([np.full((6, 4), 2, np.int32), [[3, 3, 40, 0]]]).astype(np.int32)
    longer = with_week_so_far(known, ledger([]), more)
    assert longer.volume.tolist() == [[12] * 4] * 6 + [[12, 12, 40, 12]]
    assert with_week_so_far(known, ledger([])).volume.tolist() == [[10] * 4] * 7
    unknown = with_week_so_far(panel(ledger([]), 6, 5), ledger([]))
    assert len(unknown.volume) == 0
