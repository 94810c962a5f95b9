"""Tests of how late events became known, as the store computes it, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import events
from ewarn.store.events.delays import delays
from tests.events import frame, row

RECORDED = datetime(2020, 6, 1, tzinfo=UTC)
WEEK = date(2020, 1, 6)
DAY = date(2020, 1, 8)


def _known(day: int, hour: int = 0, month: int = 1) -> datetime:
    return datetime(2020, month, day, hour, tzinfo=UTC)


def _told(store: Store, *rows: dict[str, Any], cut: Cut = Cut()) -> list[tuple[Any, ...]]:  # noqa: B008
    with store.write() as connection:
        events.append(connection, frame(*rows), RECORDED)
    with store.read() as connection:
        found = delays(connection, cut, "invented", date(2020, 1, 1))
    return list(found.itertuples(index=False, name=None))


def test_a_lag_is_the_origins_that_passed(store: Store) -> None:
    moments = {
        "a": _known(9),
        "b": _known(13),
        "c": _known(13, 1),
        "d": _known(21),
        "e": _known(3, month=2),
    }
    rows = [row(name, occurred_on=DAY, known_at=known) for name, known in moments.items()]
    assert _told(store, *rows) == [
        ("TGO", "protest", WEEK, 0, 2),
        ("TGO", "protest", WEEK, 1, 1),
        ("TGO", "protest", WEEK, 2, 1),
        ("TGO", "protest", WEEK, 3, 1),
    ]


def test_an_event_is_as_late_as_its_first_version(store: Store) -> None:
    first = row("a", occurred_on=DAY, known_at=_known(9))
    later = row("a", occurred_on=DAY, known_at=_known(28), kind="riot")
    gone = row("a", occurred_on=DAY, known_at=_known(29), deleted=True)
    assert _told(store, first, later, gone) == [("TGO", "protest", WEEK, 0, 1)]


def test_a_guess_says_nothing(store: Store) -> None:
    guessed = row("a", occurred_on=DAY)
    told = row("a", occurred_on=DAY, known_at=_known(28), kind="riot")
    vague = row("b", occurred_on=DAY, known_at=_known(28), date_precision="week")
    other = row("c", occurred_on=DAY, known_at=_known(28), source="another")
    assert _told(store, guessed, told, vague, other) == []


def test_what_was_not_known_yet_is_not_told(store: Store) -> None:
    rows = [
        row("a", occurred_on=DAY, known_at=_known(9)),
        row("b", occurred_on=DAY, known_at=_known(28)),
    ]
    assert _told(store, *rows, cut=Cut(as_of=_known(20))) == [("TGO", "protest", WEEK, 0, 1)]
    assert _told(store, cut=Cut(recorded_by=_known(20))) == []
