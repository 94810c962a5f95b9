"""Tests of HAPI's counts as events. All of them are invented."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Coverage, Payload, Span
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.hapi import rows as hapi_rows
from ingest.hapi.rows import read_month
from tests.damage import damaged
from tests.ingest.hapi.provider import count

MONTH = date(2025, 10, 1)
KNOWN_AT = datetime(2025, 11, 14, tzinfo=UTC)
WHOLE = (Span("*", MONTH, date(2025, 10, 31), KNOWN_AT),)


def read(*rows: Any, **payload: Any) -> ParsedBatch:
    half = len(rows) // 2
    pages = [{"data": list(rows[:half])}, {"data": list(rows[half:])}]
    return of_body(json.dumps(pages).encode(), **payload)


def of_body(body: bytes, **others: Any) -> ParsedBatch:
    payload = Payload("hapi", "month", body, KNOWN_AT, **({"whole": WHOLE} | others))
    return read_month(payload, load_gazetteer())


def district(number: int = 1, event_type: str = "demonstration", **others: Any) -> dict[str, Any]:
    """A district of Togo's Maritime."""
    return count(
        MONTH,
        event_type,
        admin_level=2,
        admin1_code="TG04",
        admin1_name="Maritime",
        admin2_code=f"TG040{number}",
        admin2_name=f"District {number}",
        **others,
    )


def test_a_count_of_five_is_five_events_of_the_month() -> None:
    batch = read(district(events=5))
    assert batch.events["source_event_id"].tolist() == [
        f"TGO-Maritime-TG0401-2025-10-demonstration-{number}" for number in range(1, 6)
    ]
    for name, value in {
        "kind": "protest",
        "date_precision": "month",
        "country": "TGO",
        "region": "TG-M",
        "location_precision": "admin1",
        "known_at_estimated": False,
    }.items():
        assert set(batch.events[name]) == {value}
    assert {day.date() for day in batch.events["occurred_on"]} == {MONTH}
    assert {day.date() for day in batch.events["ended_on"]} == {date(2025, 10, 31)}
    assert {moment.to_pydatetime() for moment in batch.events["known_at"]} == {KNOWN_AT}


def test_a_revised_count_keeps_the_ids_of_those_that_stay() -> None:
    five, three = read(district(events=5)).events, read(district(events=3)).events
    assert set(three["source_event_id"]) < set(five["source_event_id"])


def test_deaths_of_a_count_are_not_split_and_not_zero() -> None:
    batch = read(district(1, "civilian_targeting", events=2, fatalities=9), district(2))
    assert batch.events["fatalities_low"].isna().all()
    assert set(batch.events["kind"]) == {"attack", "protest"}


def test_groups_that_overlap_are_not_added() -> None:
    batch = read(
        count(MONTH, "political_violence", events=9),
        count(MONTH, "civilian_targeting", events=2),
    )
    assert len(batch.events) == 2
    assert dict(batch.skipped) == {"political violence, which holds civilian targeting": 1}


def test_of_the_levels_of_a_country_the_finest_is_taken() -> None:
    batch = read(
        count(MONTH, events=7),
        count(MONTH, events=7, admin_level=1, admin1_name="Maritime"),
        district(1, events=3),
        district(2, events=4),
        count(MONTH, events=2, location_code="BEN"),
    )
    assert batch.events.groupby("country").size().to_dict() == {"BEN": 2, "TGO": 7}
    assert dict(batch.skipped) == {"a country's total beside its districts": 2}


def test_zeros_are_counts_and_no_events() -> None:
    days = {"first_day": date(2025, 8, 1), "last_day": date(2025, 10, 31)}
    batch = read(count(MONTH, events=0), count(MONTH, events="0", location_code="BEN"), **days)
    assert len(batch.events) == 0
    assert dict(batch.skipped) == {"a count of zero": 2}
    weeks = (date(2025, 8, 4), date(2025, 10, 20))
    assert batch.coverage == tuple(Coverage("hapi", code, *weeks) for code in ("BEN", "TGO"))


def test_a_missing_count_is_not_zero() -> None:
    batch = read(count(MONTH, events=None))
    assert batch.skipped.total() == 0
    assert "events is empty" in batch.rejected[0].reason


def test_codes_of_ocha_are_not_taken_for_codes_of_others() -> None:
    """`BF46` is a region of Burkina Faso to OCHA, and what FIPS calls BF is the Bahamas."""
    row = count(MONTH, location_code="BFA", admin_level=1, admin1_code="BF46")
    assert read(row).events["region"].tolist() == ["BFA"]


def test_where_our_subdivisions_are_finer_the_district_places_a_count() -> None:
    row = count(MONTH, location_code="BFA", admin_level=2, admin1_name="Boucle du Mouhoun")
    assert read(row | {"admin2_name": "Kossi"}).events["region"].tolist() == ["BF-KOS"]
    assert read(row | {"admin2_name": "Atlantis"}).events["region"].tolist() == ["BFA"]


def test_the_providers_name_serves_where_hapi_has_none() -> None:
    row = count(MONTH, admin_level=2, provider_admin1_name="Kara", provider_admin2_name="Binah")
    (found,) = read(row).events.to_dict("records")
    assert (found["region"], found["source_event_id"]) == (
        "TG-K",
        "TGO-Kara-Binah-2025-10-demonstration-1",
    )


def test_one_area_counted_twice_is_taken_once_if_alike_and_else_refused() -> None:
    alike = read(district(events=2), district(events=2))
    assert (len(alike.events), alike.skipped["the same row again"]) == (2, 1)
    unlike = read(district(events=2), district(events=3))
    assert len(unlike.events) == 0
    assert [row.line for row in unlike.rejected] == [1, 2]
    assert "is counted 2 times, not alike" in unlike.rejected[0].reason


def test_rows_of_another_month_are_not_of_this_one() -> None:
    assert dict(read(count(date(2025, 11, 1))).skipped) == {"another month": 1}


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"location_code": "XXX"}, "location_code 'XXX' is not a country"),
        ({"location_code": ""}, "location_code is empty"),
        ({"location_code": "TG-M"}, "is not a country"),
        ({"event_type": "rumour"}, "event_type 'rumour' is not one of HAPI's three"),
        ({"admin_level": 3}, "admin_level '3' is not 0 to 2"),
        ({"admin_level": None}, "admin_level '' is not 0 to 2"),
        ({"events": -1}, "events '-1' is not a whole number"),
        ({"events": 1.5}, "events '1.5' is not a whole number"),
        ({"events": 20_001}, "more than 20000 in one month"),
        ({"events": 10**30}, "is not a whole number"),
        ({"reference_period_start": "October"}, "is not a day"),
        ({"reference_period_start": None}, "reference_period_start is empty"),
        ({"admin_level": 1, "admin1_name": "x" * 300}, "longer than 200"),
        ({"admin_level": 1, "admin1_name": "x" * 9_000_000}, "longer than 1000"),
        ({"location_code": {}}, "location_code is not one value"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(others: dict[str, Any], reason: str) -> None:
    try:
        batch = read(count(MONTH, location_code="BEN"), count(MONTH, **others))
    except RecordRejected:
        assert others == {"events": 10**30}, "a number that JSON's reader cannot hold"
        return
    assert batch.events["country"].tolist() == ["BEN"]
    (found,) = batch.rejected
    assert found.line == 2
    assert reason in found.reason
    assert len(found.reason) < 300


def test_more_events_than_there_can_be_are_refused_before_they_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hapi_rows, "MOST_OF_ALL", 30)
    with pytest.raises(RecordRejected, match="more than 30 events"):
        read(*(district(number, events=15) for number in range(3)))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]5", b'{"data": 5}', b"[5]", b'[{"data": ['])
def test_what_is_no_answer_is_refused_whole(body: bytes) -> None:
    with pytest.raises(RecordRejected):
        of_body(body)


def test_a_payload_that_names_no_month_is_refused() -> None:
    with pytest.raises(RecordRejected, match="which month"):
        read(count(MONTH), whole=())


def assert_agrees(batch: ParsedBatch) -> None:
    """Every record is events, skipped or refused: with counts of one at most, the sums agree."""
    EVENT_SCHEMA.validate(batch.events)
    assert batch.events["source_event_id"].is_unique


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=10),
    st.sampled_from(["demonstration", "TGO", "BEN", "2025-10-01", "2025-11-01T00:00:00"]),
    st.lists(st.none(), max_size=1),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.dictionaries(st.sampled_from(sorted(count(MONTH))), VALUES), max_size=8))
def test_rows_of_anything_are_events_skipped_or_refused(changes: list[dict[str, Any]]) -> None:
    rows = [district(number) | change for number, change in enumerate(changes)]
    try:
        batch = read(*rows)
    except RecordRejected:
        return  # a text that JSON cannot carry
    assert_agrees(batch)
    lines = {int(line) for line in batch.events["line"]}
    assert len(lines) + len(batch.rejected) + batch.skipped.total() == len(rows)


MONTHS = json.dumps([{"data": [district(1), district(2, events=3)]}]).encode()


@settings(deadline=None, max_examples=150)
@given(damaged(MONTHS))
def test_a_damaged_month_is_read_or_refused(body: bytes) -> None:
    try:
        batch = of_body(body)
    except RecordRejected:
        return
    assert_agrees(batch)
