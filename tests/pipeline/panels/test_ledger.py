"""Tests that the ledger, a recount of versions and a panel of the event frame count the same."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.kinds import source_signals
from ewarn.domain.source import Coverage
from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.panel.events import from_events
from ewarn.panel.ledger import from_ledger
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import counts, events
from tests.events import frame, row

REGIONS = ("TGO", "TG-M", "TG-K")
FIRST = date(2019, 12, 30)
ORIGIN = date(2020, 3, 2)
PARENTS = {"TG-M": "TGO", "TG-K": "TGO"}
DAYS = st.dates(date(2020, 1, 1), date(2020, 2, 20))


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Draw invented events of any precision, with versions and deletions."""
    day = draw(DAYS)
    precision = draw(st.sampled_from(["day", "week", "month"]))
    length = {"day": 0, "week": 6, "month": 27}[precision]
    ended_on = day + timedelta(days=length)
    return row(
        draw(st.sampled_from("abcde")),
        kind=draw(st.sampled_from(["protest", "force", "arrest"])),
        occurred_on=day,
        ended_on=ended_on,
        date_precision=precision,
        region=draw(st.sampled_from(REGIONS)),
        fatalities_low=draw(st.sampled_from([None, 0, 1])),
        deleted=draw(st.booleans()),
        known_at=midnight(ended_on + timedelta(days=draw(st.integers(1, 20)))),
    )


def content(panel: Panel) -> tuple[Any, ...]:
    spans = panel.spans
    order = np.lexsort((spans.last, spans.first, spans.signal, spans.region))
    columns = (spans.region, spans.signal, spans.first, spans.last, spans.count)
    return panel.counts.tolist(), [column[order].tolist() for column in columns]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(rows(), max_size=10, unique_by=lambda r: (r["source_event_id"], r["known_at"])),
    st.integers(0, 10),
)
def test_ledger_recount_and_event_frame_give_one_panel(
    tmp_path: Path, sqlite_template: Path, drawn: list[dict[str, Any]], cut: int
) -> None:
    path = tmp_path / "ewarn.db"
    for name in tmp_path.iterdir():
        name.unlink()
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    with store.write() as connection:
        for part in (drawn[cut:], drawn[:cut]):
            events.append(connection, frame(*part), midnight(ORIGIN))
    coverage = (Coverage("invented", "TGO", FIRST, ORIGIN),)
    for origin in (date(2020, 1, 27), ORIGIN):
        as_of = midnight(origin)
        axes: dict[str, Any] = {
            "regions": REGIONS,
            "parents": PARENTS,
            "signals": source_signals("invented"),
            "first_week": FIRST,
            "origin": origin,
            "coverage": coverage,
        }
        with store.read() as connection:
            ledger = counts.counts(connection, Cut(as_of=as_of))
            assert counts.disagreements(connection, as_of=as_of, recorded_by=midnight(ORIGIN)) == {}
        by_ledger = from_ledger(ledger, **axes)
        by_events = from_events(frame(*drawn), as_of=as_of, **axes)
        assert content(by_ledger) == content(by_events)
    store.dispose()
