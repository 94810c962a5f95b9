from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.kinds import source_signals
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK, known_after, midnight
from ewarn.frames.events import EVENT_COLUMNS, EVENT_SCHEMA
from ewarn.frames.panel import Panel
from ewarn.panel.events import deltas_of, from_events
from ewarn.panel.history import EventHistory
from ewarn.panel.ledger import from_ledger

Row = Mapping[str, Any]
FIRST = date(2017, 1, 2)
ORIGIN = FIRST + 10 * WEEK
REGIONS = ("TGO", "TG-M", "BEN")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO"}
SIGNALS = source_signals("chronicle")
EVERYWHERE = (Coverage("chronicle", "*", FIRST, ORIGIN - WEEK),)


def event_rows(*rows: Row) -> pd.DataFrame:
    """An event frame of rows that name only what matters to the test."""
    full = [_full(number, row) for number, row in enumerate(rows)]
    return EVENT_SCHEMA.validate(pd.DataFrame(full, columns=list(EVENT_COLUMNS)))


def _full(number: int, row: Row) -> dict[str, Any]:
    occurred: date = row["occurred_on"]
    ended: date = row.get("ended_on", occurred)
    region: str = row.get("region", "TGO")
    known: datetime = row.get("known_at", known_after(ended))
    return {
        **dict.fromkeys(EVENT_COLUMNS),
        "source": "chronicle",
        "source_event_id": f"e{number}",
        "kind": "protest",
        "date_precision": "day",
        "known_at_estimated": False,
        "country": "TGO",
        "location_precision": "country",
        "tags": "",
        "deleted": False,
        **row,
        "region": region,
        "ended_on": ended,
        "known_at": known,
    }


def build(frame: pd.DataFrame, as_of: datetime | None = None, **changed: Any) -> Panel:
    axes: dict[str, Any] = {
        "regions": REGIONS,
        "parents": PARENTS,
        "signals": SIGNALS,
        "first_week": FIRST,
        "origin": ORIGIN,
        "coverage": EVERYWHERE,
    }
    return from_events(frame, as_of=as_of, **{**axes, **changed})


def same(one: Panel, other: Panel) -> bool:
    spans = all(
        np.array_equal(getattr(one.spans, name), getattr(other.spans, name))
        for name in ("region", "signal", "first", "last", "count")
    )
    return spans and (
        np.array_equal(one.counts, other.counts)
        and np.array_equal(one.observed, other.observed)
        and one.first_week == other.first_week
    )


def test_a_country_counts_its_subdivisions_even_those_the_panel_leaves_out() -> None:
    frame = event_rows(
        {"occurred_on": FIRST, "region": "TGO"},
        {"occurred_on": FIRST, "region": "TG-M"},
        {"occurred_on": FIRST, "region": "TG-K"},
    )
    assert build(frame).series("chronicle:protest")[0].tolist() == [3, 1, 0]


def test_a_lethal_event_counts_in_its_kind_and_its_flag() -> None:
    panel = build(event_rows({"occurred_on": FIRST, "kind": "force", "fatalities_low": 2}))
    assert panel.series("chronicle:force")[0, 0] == 1
    assert panel.series("chronicle:force:lethal")[0, 0] == 1


def test_a_day_precise_event_counts_once_in_the_week_it_began() -> None:
    frame = event_rows({"occurred_on": FIRST, "ended_on": FIRST + timedelta(days=40)})
    panel = build(frame)
    assert panel.series("chronicle:protest")[:, 0].tolist() == [1] + [0] * 9
    assert len(panel.spans.count) == 0


def test_a_month_precise_event_enters_only_windows_that_hold_its_whole_span() -> None:
    first, last = FIRST + 2 * WEEK, FIRST + 5 * WEEK
    month = {"occurred_on": first, "ended_on": last, "date_precision": "month"}
    panel = build(event_rows({**month, "region": "TG-M"}))
    assert panel.series("chronicle:protest").sum() == 0
    assert panel.rolling("chronicle:protest", 3).sum() == 0
    assert panel.rolling("chronicle:protest", 5)[:, 0].tolist() == [0] * 5 + [1, 1] + [0] * 3
    assert panel.rolling("chronicle:protest", 5)[:, 1].tolist() == [0] * 5 + [1, 1] + [0] * 3


@pytest.mark.parametrize("start", [FIRST - WEEK, ORIGIN - WEEK])
def test_a_span_that_leaves_the_weeks_of_the_panel_is_in_no_window(start: date) -> None:
    ended = start + timedelta(days=13)
    frame = event_rows({"occurred_on": start, "ended_on": ended, "date_precision": "month"})
    assert len(build(frame).spans.count) == 0


def test_the_version_known_last_counts_and_a_tombstone_counts_nothing() -> None:
    day = {"source_event_id": "x", "occurred_on": FIRST}
    frame = event_rows(
        {**day, "kind": "riot", "known_at": midnight(FIRST + 3 * WEEK)},
        {**day, "kind": "protest", "known_at": midnight(FIRST + 2 * WEEK)},
        {**day, "deleted": True, "known_at": midnight(FIRST + 4 * WEEK)},
    )
    protest, riot = "chronicle:protest", "chronicle:riot"
    seen = [
        (panel.series(protest).sum(), panel.series(riot).sum())
        for panel in (build(frame, midnight(FIRST + weeks * WEEK)) for weeks in (1, 2, 3, 4))
    ]
    assert seen == [(0, 0), (1, 0), (0, 1), (0, 0)]


def test_a_week_without_coverage_is_missing_not_zero() -> None:
    coverage = [
        Coverage("chronicle", "TGO", FIRST + WEEK, FIRST + 3 * WEEK),
        Coverage("chronicle", "TGO", FIRST + 2 * WEEK, FIRST + 4 * WEEK),
        Coverage("gdelt", "*", FIRST, ORIGIN),
    ]
    panel = build(event_rows(), coverage=coverage)
    observed = panel.was_observed("chronicle:protest")
    assert observed[:, 0].tolist() == [False] + [True] * 4 + [False] * 5
    assert observed[:, 1].tolist() == observed[:, 0].tolist()
    assert not observed[:, 2].any()


def test_coverage_everywhere_beyond_both_ends_is_cut() -> None:
    coverage = [Coverage("chronicle", "*", FIRST - 9 * WEEK, ORIGIN + 9 * WEEK)]
    assert build(event_rows(), coverage=coverage).observed.all()


def test_rows_of_other_regions_signals_and_weeks_are_ignored() -> None:
    frame = event_rows(
        {"occurred_on": FIRST, "region": "GHA", "country": "GHA"},
        {"occurred_on": FIRST, "source": "gdelt"},
        {"occurred_on": FIRST - WEEK},
        {"occurred_on": ORIGIN},
    )
    assert build(frame).counts.sum() == 0


def test_days_that_are_no_mondays_in_order_are_refused() -> None:
    with pytest.raises(ValueError, match="two Mondays in order"):
        build(event_rows(), first_week=FIRST + timedelta(days=1))
    with pytest.raises(ValueError, match="two Mondays in order"):
        build(event_rows(), origin=FIRST - WEEK)


VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "source_event_id": st.sampled_from(["a", "b", "c", "d"]),
            "kind": st.sampled_from(["protest", "force", "arrest"]),
            "day": st.integers(-10, 80),
            "length": st.integers(0, 40),
            "date_precision": st.sampled_from(["day", "week", "month"]),
            "region": st.sampled_from(["TGO", "TG-M", "TG-K", "BEN", "GHA"]),
            "fatalities_low": st.sampled_from([None, 0, 3]),
            "deleted": st.booleans(),
            "known": st.integers(0, 90),
        }
    ),
    max_size=12,
)


def versions(drawn: list[dict[str, Any]]) -> pd.DataFrame:
    return event_rows(
        *(
            {
                **{name: row[name] for name in row if name not in ("day", "length", "known")},
                "occurred_on": FIRST + timedelta(days=row["day"]),
                "ended_on": FIRST + timedelta(days=row["day"] + row["length"]),
                "known_at": midnight(FIRST + timedelta(days=row["known"])),
            }
            for row in drawn
        )
    )


@settings(max_examples=30, deadline=None)
@given(drawn=VERSIONS, day=st.integers(0, 90))
def test_a_panel_of_events_is_the_panel_of_their_ledger(
    drawn: list[dict[str, Any]], day: int
) -> None:
    frame = versions(drawn)
    as_of = midnight(FIRST + timedelta(days=day))
    deltas = deltas_of(frame)
    ledger = from_ledger(
        deltas[deltas["known_at"] <= as_of],
        regions=REGIONS,
        parents=PARENTS,
        signals=SIGNALS,
        first_week=FIRST,
        origin=ORIGIN,
        coverage=EVERYWHERE,
    )
    assert same(build(frame, as_of), ledger)


def history(frame: pd.DataFrame, **changed: Any) -> EventHistory:
    given_: dict[str, Any] = {
        "regions": REGIONS,
        "parents": PARENTS,
        "signals": SIGNALS,
        "first_week": FIRST,
        "end": ORIGIN,
        "coverage": EVERYWHERE,
    }
    return EventHistory(frame, **{**given_, **changed})


@settings(max_examples=30, deadline=None)
@given(drawn=VERSIONS, weeks=st.integers(0, 10), back=st.sampled_from([None, 4]))
def test_a_history_is_the_panel_as_known_at_each_origin(
    drawn: list[dict[str, Any]], weeks: int, back: int | None
) -> None:
    frame = versions(drawn)
    origin = FIRST + weeks * WEEK
    first = FIRST if back is None else max(FIRST, origin - back * WEEK)
    expected = build(frame, midnight(origin), first_week=first, origin=origin)
    assert same(history(frame, weeks_back=back).as_known(midnight(origin)), expected)
    assert same(history(frame, weeks_back=back).final(), build(frame))


@settings(max_examples=30, deadline=None)
@given(drawn=VERSIONS, later=VERSIONS)
def test_rows_known_later_change_nothing(
    drawn: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    origin = midnight(FIRST + 5 * WEEK)
    known = [row for row in drawn if row["known"] <= 35]
    unknown = [{**row, "known": row["known"] + 36} for row in later]
    before = history(versions(known)).as_known(origin)
    after = history(versions(unknown + known)).as_known(origin)
    assert same(before, after)


def test_what_became_known_at_the_origin_itself_is_known() -> None:
    sunday = ORIGIN - timedelta(days=1)
    past = history(event_rows({"occurred_on": sunday}))
    assert past.as_known(midnight(ORIGIN)).counts.sum() == 1


def test_a_moment_that_is_no_origin_is_refused() -> None:
    past = history(event_rows())
    for moment in (
        datetime(2017, 1, 3, tzinfo=UTC),
        datetime(2017, 1, 2, 1, tzinfo=UTC),
        midnight(FIRST - WEEK),
        midnight(ORIGIN + WEEK),
    ):
        with pytest.raises(ValueError, match="not an origin"):
            past.as_known(moment)
