"""Tests of pages of events: together they are the whole list as of a moment, in its order."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ewarn.domain.event import Event
from ewarn.domain.kinds import PLANNED
from ewarn.domain.time import midnight
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import event_pages, events
from ewarn.store.events.event_queries import EventFilter, current
from tests.events import frame, row

FIRST = date(2020, 1, 1)
OPEN = EventFilter(without_tag=PLANNED)
# Ids that a database may order otherwise than Python does.
IDS = ("a", "B", "b", "É", "e1", "e-1", "_")

versions = st.fixed_dictionaries(
    {
        "name": st.sampled_from(IDS),
        "source": st.sampled_from(["one", "Two"]),
        "kind": st.sampled_from(["protest", "force"]),
        "tags": st.sampled_from(["", "", PLANNED]),
        "region": st.sampled_from(["TG-M", "TG-K"]),
        "day": st.integers(0, 4),
        "known": st.integers(0, 4),
        "recorded": st.integers(0, 2),
        "deleted": st.sampled_from([False, False, False, True]),
    }
)
elections = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["v1", "v2"]),
        "kind": st.just("election"),
        "day": st.integers(0, 400),
        "known": st.integers(0, 4),
        "recorded": st.integers(0, 2),
    }
)
filters = st.builds(
    EventFilter,
    countries=st.sampled_from([(), ("TGO",), ("TGO", "BEN")]),
    regions=st.sampled_from([(), (), ("TG-M",), ("TG-M", "TG-K")]),
    kinds=st.sampled_from([(), ("force",), ("force", "election")]),
    sources=st.sampled_from([(), ("one",)]),
    without_sources=st.sampled_from([(), ("Two",)]),
    since=st.sampled_from([None, FIRST + timedelta(days=2)]),
    until=st.sampled_from([None, FIRST + timedelta(days=3)]),
    without_tag=st.just(PLANNED),
)


def store_all(connection: Connection, drawn: list[dict[str, Any]]) -> None:
    """Store versions in the order of their recording, each known at a moment of its own."""
    numbers = count()
    for one in sorted(drawn, key=lambda each: each["recorded"]):
        day = FIRST + timedelta(days=one["day"])
        known = midnight(day if one["kind"] != "election" else FIRST)
        values = {name: one[name] for name in one if name not in ("day", "known", "recorded")}
        known_at = known + timedelta(days=one["known"], seconds=next(numbers))
        made = row(**values, occurred_on=day, known_at=known_at)
        at = midnight(FIRST) + timedelta(days=3 * one["recorded"])
        events.append(connection, frame(made), at)


def every_page(connection: Connection, wanted: EventFilter, moment: Any, limit: int) -> list[Event]:
    """Return the events of all pages."""
    found: list[Event] = []
    end = None
    for _ in range(1000):
        page = event_pages.page(connection, moment, wanted, after=end, limit=limit)
        assert len(page.events) <= limit
        found += page.events
        if page.end is None:
            return found
        assert page.end != end, "a page that leads to itself"
        end = page.end
    raise AssertionError("the pages do not end")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    drawn=st.lists(versions, max_size=25),
    votes=st.lists(elections, max_size=4),
    wanted=filters,
    day=st.integers(0, 9),
    limit=st.integers(1, 4),
    first=st.integers(1, 6),
)
def test_pages_together_are_the_list(
    empty: list[Store],
    drawn: list[dict[str, Any]],
    votes: list[dict[str, Any]],
    wanted: EventFilter,
    day: int,
    limit: int,
    first: int,
) -> None:
    store = empty[0]
    moment = midnight(FIRST + timedelta(days=day))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_pages, "_first_rows", lambda _limit, _values: first)
        patch.setattr(event_pages, "MOST_ROWS", 2 * first)
        with store.engine.connect() as connection, connection.begin() as transaction:
            store_all(connection, [*drawn, *votes])
            whole = current(connection, Cut.at(moment), wanted)
            expected = sorted(whole, key=_order)
            assert every_page(connection, wanted, moment, limit) == expected
            transaction.rollback()


def _order(event: Event) -> tuple[int, str, str]:
    return -event.occurred_on.toordinal(), event.source, event.source_event_id


@pytest.fixture
def empty(store: Store) -> list[Store]:
    """An empty store that examples share, each in a transaction that is rolled back."""
    return [store]


def test_a_page_looks_at_a_bounded_number_of_rows_and_leads_on(store: Store) -> None:
    others = [row(f"o{number:03}") for number in range(60)]
    with store.write() as connection:
        events.append(connection, frame(*others, row("x", source="other")), midnight(FIRST))
    wanted = replace(OPEN, sources=("other",), countries=("TGO",))
    moment = midnight(FIRST + timedelta(days=30))
    with pytest.MonkeyPatch.context() as patch, store.read() as connection:
        patch.setattr(event_pages, "_first_rows", lambda _limit, _values: 10)
        patch.setattr(event_pages, "MOST_ROWS", 10)
        first = event_pages.page(connection, moment, wanted, limit=1)
        assert (first.events, first.end) == ([], (FIRST, "invented", "o009"))
        assert [each.source_event_id for each in every_page(connection, wanted, moment, 1)] == ["x"]


def test_a_window_that_ends_between_the_versions_of_an_event_does_not_lose_it(store: Store) -> None:
    moment = midnight(FIRST + timedelta(days=30))
    with store.write() as connection:
        for hours, tags in ((0, PLANNED), (9, ""), (1, PLANNED), (2, PLANNED)):
            known_at = midnight(FIRST) + timedelta(hours=hours)
            events.append(connection, frame(row("e", tags=tags, known_at=known_at)), moment)
    with pytest.MonkeyPatch.context() as patch, store.read() as connection:
        patch.setattr(event_pages, "_first_rows", lambda _limit, _values: 1)
        (found,) = every_page(connection, OPEN, moment, 1)
    assert (found.source_event_id, found.version) == ("e", 2)


def test_an_event_that_is_recorded_between_two_pages_is_on_neither(store: Store) -> None:
    moment = midnight(FIRST + timedelta(days=30))
    with store.write() as connection:
        events.append(connection, frame(*(row(f"e{n}") for n in range(5))), midnight(FIRST))
    with store.read() as connection:
        first = event_pages.page(connection, moment, OPEN, limit=2)
    with store.write() as connection:
        events.append(connection, frame(row("e1a")), moment + timedelta(seconds=1))
    with store.read() as connection:
        rest = event_pages.page(connection, moment, OPEN, after=first.end, limit=5)
    names = [event.source_event_id for event in first.events + rest.events]
    assert (names, rest.end) == (["e0", "e1", "e2", "e3", "e4"], None)
