"""Tests of the contract of what can be scored, on invented sources with one fault each."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ewarn.domain.source import Coverage, Payload, Terms
from ewarn.domain.time import WEEK
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.scoring.scoring import WEEKS_OF_COMPLETENESS
from ewarn.ports import Source
from tests.contracts.scorable import fault_of
from tests.events import frame, row

MONDAY = date(2020, 1, 6)
PAYLOAD = Payload("invented", "sample", b"", datetime(2020, 1, 20, tzinfo=UTC))
WEEKLY = {"cadence": WEEK, "lag": WEEK}
COVERAGE = (Coverage("invented", "*", MONDAY, MONDAY),)
OPEN = Terms("Invented", "CC0", redistribute=True, train=True, url="https://source.example")
CLOSED = Terms("Invented", "none", redistribute=False, train=False, url="https://source.example")

# An invented source for each fault: its declaration, its one event, and what it covers.
FAULTS: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[Coverage, ...]]] = {
    "no target or detector reads its kinds": (WEEKLY, {"kind": "dialogue"}, COVERAGE),
    "its events are of no week": (WEEKLY, {"date_precision": "month"}, COVERAGE),
    "it never observes a week": (WEEKLY, {}, ()),
    "nothing says when its newest week is out": ({"cadence": WEEK}, {}, COVERAGE),
    "its weeks are out too late": (WEEKLY | {"lag": WEEKS_OF_COMPLETENESS * WEEK}, {}, COVERAGE),
    "its terms allow it to nobody": (WEEKLY | {"terms": CLOSED}, {}, COVERAGE),
}


def invented(says: dict[str, Any], event: dict[str, Any], covers: tuple[Coverage, ...]) -> Source:
    batch = ParsedBatch(frame(row(occurred_on=MONDAY, **event)), coverage=covers)
    made = {"name": "invented", "terms": OPEN, "parse": lambda *_: [batch]} | says
    return cast(Source, SimpleNamespace(**made))


@pytest.mark.parametrize("why", FAULTS)
def test_a_source_that_can_never_be_scored_must_say_so(why: str) -> None:
    says, event, covers = FAULTS[why]
    silent, frank = (invented(says | said, event, covers) for said in ({}, {"not_scored": why}))
    expected = f"invented can never be scored: {why}; say so in `not_scored`"
    assert fault_of(silent, PAYLOAD) == expected
    assert fault_of(frank, PAYLOAD) is None


def test_a_source_that_can_be_scored_must_not_say_otherwise() -> None:
    assert fault_of(invented(WEEKLY, {}, COVERAGE), PAYLOAD) is None
    modest = invented(WEEKLY | {"not_scored": "it is shy"}, {}, COVERAGE)
    assert "nothing keeps it from being scored" in str(fault_of(modest, PAYLOAD))
