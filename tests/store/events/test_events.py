"""Tests of the event store: versions, tombstones, the two cuts, and the ledger."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import counts, events
from ewarn.store.events.event_queries import EventFilter, current, history
from ewarn.store.tables.events import count_delta, event_version
from tests.events import frame, row

FIRST = datetime(2020, 1, 2, tzinfo=UTC)
SECOND = datetime(2020, 1, 9, tzinfo=UTC)
THIRD = datetime(2020, 1, 16, tzinfo=UTC)
RECORDED = datetime(2020, 6, 1, tzinfo=UTC)
END = datetime(2020, 6, 9, tzinfo=UTC)


def append(store: Store, *rows: dict[str, Any], at: datetime = RECORDED) -> events.Appended:
    with store.write() as connection:
        return events.append(connection, frame(*rows), at)


def read(store: Store, cut: Cut = Cut(), wanted: EventFilter = EventFilter()) -> list[Any]:  # noqa: B008
    with store.read() as connection:
        return current(connection, cut, wanted)


def ledger(store: Store, cut: Cut = Cut()) -> dict[tuple[str, str], int]:  # noqa: B008
    with store.read() as connection:
        table = counts.counts(connection, cut)
    return {(item.region, item.signal): item.delta for item in table.itertuples()}  # type: ignore[misc]


def test_a_second_import_changes_nothing(store: Store) -> None:
    first, second = row("a"), row("b", kind="arrest", arrests=3)
    assert append(store, first, second) == events.Appended(accepted=2)
    assert append(store, second, first) == events.Appended(unchanged=2)
    assert len(read(store)) == 2


def test_a_correction_is_a_new_version_and_the_old_one_stays(store: Store) -> None:
    append(store, row("a", kind="protest", known_at=FIRST))
    done = append(store, row("a", kind="riot", known_at=SECOND), at=RECORDED)
    assert done == events.Appended(versions=1)
    assert [(event.kind, event.version) for event in read(store)] == [("riot", 2)]
    assert [event.kind for event in read(store, Cut(as_of=FIRST))] == ["protest"]
    assert ledger(store) == {("TG-M", "invented:riot"): 1}
    assert ledger(store, Cut(as_of=FIRST)) == {("TG-M", "invented:protest"): 1}


def test_a_correction_under_the_same_knowledge_time_wins_once_recorded(store: Store) -> None:
    append(store, row("a", kind="protest", known_at=FIRST), at=SECOND)
    append(store, row("a", kind="riot", known_at=FIRST), at=THIRD)
    assert [event.kind for event in read(store, Cut.at(SECOND))] == ["protest"]
    assert [event.kind for event in read(store, Cut.at(THIRD))] == ["riot"]
    assert append(store, row("a", kind="riot", known_at=FIRST)) == events.Appended(unchanged=1)
    assert append(store, row("a", kind="protest", known_at=FIRST)) == events.Appended(versions=1)
    assert ledger(store) == {("TG-M", "invented:protest"): 1}


def test_a_tombstone_takes_the_event_away_from_then_on(store: Store) -> None:
    append(store, row("a", known_at=FIRST))
    assert append(store, row("a", deleted=True, known_at=SECOND)) == events.Appended(tombstones=1)
    assert read(store) == []
    assert ledger(store) == {}
    assert len(read(store, Cut(as_of=FIRST))) == 1
    assert append(store, row("a", known_at=THIRD)) == events.Appended(versions=1)
    with store.read() as connection:
        versions = history(connection, "invented", "a", Cut())
    assert [(event.version, event.deleted) for event in versions] == [
        (1, False),
        (2, True),
        (3, False),
    ]


def test_the_same_content_said_again_is_no_version_until_something_comes_between(
    store: Store,
) -> None:
    append(store, row("a", kind="protest", known_at=FIRST))
    assert append(store, row("a", kind="protest", known_at=THIRD)) == events.Appended(unchanged=1)
    assert [event.version for event in read(store)] == [1]
    append(store, row("a", kind="riot", known_at=SECOND))
    assert [(event.kind, event.version) for event in read(store)] == [("protest", 3)]
    assert ledger(store, Cut(as_of=SECOND)) == {("TG-M", "invented:riot"): 1}
    assert ledger(store) == {("TG-M", "invented:protest"): 1}


def test_one_batch_is_summed_up_in_order_of_knowledge_whatever_the_order_of_its_rows(
    store: Store,
) -> None:
    rows = (row("a", known_at=THIRD), row("a", deleted=True, known_at=SECOND), row("a"))
    assert append(store, *rows) == events.Appended(accepted=1, versions=1, tombstones=1)
    assert append(store, row("b", known_at=THIRD), row("b")) == events.Appended(
        accepted=1, unchanged=1
    )


def test_what_was_known_before_the_version_that_stands_is_told(store: Store) -> None:
    append(store, row("a", known_at=SECOND))
    done = append(store, row("a", kind="riot", known_at=FIRST), row("b", known_at=FIRST))
    assert done == events.Appended(accepted=1, versions=1, older=1)
    assert [event.kind for event in read(store)] == ["protest", "protest"]
    assert append(store, row("a", kind="riot", known_at=THIRD)) == events.Appended(versions=1)


def test_two_contents_at_one_knowledge_time_in_one_batch_are_an_error(store: Store) -> None:
    with pytest.raises(ValueError, match="two contents"):
        append(store, row("a", kind="riot", known_at=FIRST), row("a", known_at=FIRST))
    assert read(store) == []


def test_what_was_answered_at_a_moment_stays_the_answer(store: Store) -> None:
    append(store, row("a", known_at=FIRST), at=SECOND)
    then = read(store, Cut.at(SECOND))
    append(store, row("b", known_at=FIRST), row("a", deleted=True, known_at=FIRST), at=THIRD)
    assert read(store, Cut.at(SECOND)) == then
    assert [event.source_event_id for event in read(store, Cut.at(THIRD))] == ["b"]


def test_lethal_force_counts_twice_and_week_precision_spans(store: Store) -> None:
    append(
        store,
        row("a", kind="force", fatalities_low=1),
        row(
            "b",
            date_precision="month",
            occurred_on=date(2020, 2, 1),
            ended_on=date(2020, 2, 29),
        ),
    )
    with store.read() as connection:
        table = counts.counts(connection, Cut())
    spans = table[table["week"] != table["last_week"]]
    assert ledger(store)["TG-M", "invented:force:lethal"] == 1
    assert ledger(store)["TG-M", "invented:force"] == 1
    assert spans[["week", "last_week"]].to_numpy().tolist() == [
        [date(2020, 1, 27), date(2020, 2, 24)]
    ]


def test_events_are_filtered_on_the_version_in_force(store: Store) -> None:
    append(store, row("a", kind="protest", known_at=FIRST))
    append(store, row("a", kind="riot", known_at=SECOND), row("b", region="TG-K"))
    assert read(store, wanted=EventFilter(kinds=("protest",), regions=("TG-M",))) == []
    assert [e.kind for e in read(store, wanted=EventFilter(regions=("TG-M",)))] == ["riot"]


def test_a_ledger_that_lost_a_row_is_found_out(store: Store) -> None:
    append(store, row("a"), row("b", kind="riot"))
    with store.write() as connection:
        assert counts.disagreements(connection, as_of=RECORDED, recorded_by=RECORDED) == {}
        connection.execute(delete(count_delta).where(count_delta.c.signal == "invented:riot"))
        found = counts.disagreements(connection, as_of=RECORDED, recorded_by=RECORDED)
    assert [(cell.signal, pair) for cell, pair in found.items()] == [("invented:riot", (0, 1))]


def test_the_stored_hash_is_the_one_databases_hold(store: Store) -> None:
    """What the frame makes of a value must not reach its hash."""
    one = row("a", occurred_on=date(2020, 1, 1))
    other = row("b", latitude=1e-05, longitude=-0.0, participants_low=0, place="Lomé")
    append(store, one, other)
    with store.read() as connection:
        rows = connection.execute(
            select(event_version.c.source_event_id, event_version.c.content_hash)
        )
        assert dict(tuple(item) for item in rows) == {
            "a": "37fdedd6308ca7d0a2d86186464112c011a78a9fa2efdc4a6ed07beeaddb9031",
            "b": "742594ef2161f36bfad65ed67201f91c8c7b3932bdfba66c100b9107b646a9e7",
        }


def test_one_batch_may_hold_new_known_and_repeated_events_of_several_sources(
    store: Store,
) -> None:
    append(store, row("known"), row("moved", known_at=FIRST))
    done = append(
        store,
        row("new", source="other"),
        row("known"),
        row("known", source="other"),
        row("moved", kind="riot", known_at=SECOND),
        row("twice", kind="riot", known_at=THIRD),
        row("twice", known_at=SECOND),
        row("gone", deleted=True),
    )
    assert done == events.Appended(accepted=3, versions=2, tombstones=1, unchanged=1)
    assert ledger(store) == {
        ("TG-M", "invented:protest"): 1,
        ("TG-M", "invented:riot"): 2,
        ("TG-M", "other:protest"): 2,
    }


def contents() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows of a few events, one content for each (event, known_at)."""
    one = st.builds(
        row,
        st.sampled_from(["a", "b", "c"]),
        kind=st.sampled_from(["protest", "riot", "force"]),
        region=st.sampled_from(["TG-M", "TGO"]),
        fatalities_low=st.sampled_from([None, 0, 2]),
        deleted=st.booleans(),
        known_at=st.sampled_from([FIRST, SECOND, THIRD]),
    )
    return st.lists(
        one, max_size=8, unique_by=lambda item: (item["source_event_id"], item["known_at"])
    )


def tables(store: Store) -> tuple[set[tuple[Any, ...]], Counter[tuple[Any, ...]]]:
    """Both tables without when a row was recorded and in which order."""
    with store.read() as connection:
        versions = [
            tuple(
                value for name, value in item._mapping.items() if name not in ("id", "recorded_at")
            )
            for item in connection.execute(select(event_version))
        ]
        sums: Counter[tuple[Any, ...]] = Counter()
        for item in connection.execute(select(count_delta)):
            sums[item.region, item.week, item.last_week, item.signal, item.known_at] += item.delta
    assert len(versions) == len(set(versions))
    return set(versions), Counter({key: number for key, number in sums.items() if number})


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_order_duplicates_and_splits_leave_the_same_tables(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    sqlite_template: Any,
) -> None:
    rows = data.draw(contents())
    shuffled = data.draw(
        st.permutations(rows + data.draw(st.lists(st.sampled_from(rows)) if rows else st.just([])))
    )
    cut = data.draw(st.integers(0, len(shuffled)))
    outcomes = []
    for parts in ([rows], [shuffled[:cut], shuffled[cut:]]):
        path = tmp_path_factory.mktemp("property") / "ewarn.db"
        path.write_bytes(sqlite_template.read_bytes())
        store = Store(f"sqlite:///{path}")
        for number, part in enumerate(parts):
            append(store, *part, at=datetime(2020, 6, 1 + number, tzinfo=UTC))
        for moment in (FIRST, SECOND, THIRD, END):
            with store.read() as connection:
                assert counts.disagreements(connection, as_of=moment, recorded_by=END) == {}
                known = counts.counts(connection, Cut(as_of=moment))
            assert (known["delta"] > 0).all()
        outcomes.append(tables(store))
        store.dispose()
    assert outcomes[0] == outcomes[1]


def test_an_empty_frame_is_no_news(store: Store) -> None:
    assert append(store) == events.Appended()
    assert isinstance(frame(), pd.DataFrame)


def test_a_position_is_kept_to_a_tenth_of_a_degree(store: Store) -> None:
    exact = row("a", latitude=6.1319449, longitude=-0.0412)
    assert append(store, exact) == events.Appended(accepted=1)
    with store.read() as connection:
        (kept,) = current(connection, Cut(), EventFilter())
    assert (kept.latitude, kept.longitude) == (6.1, 0.0)
    assert append(store, row("a", latitude=6.14, longitude=0.0)) == events.Appended(unchanged=1)
