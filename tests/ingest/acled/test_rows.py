"""Tests of rows of ACLED as events. All of them are invented."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.crosswalk import ACLED, ACLED_UNTRACKED, from_acled
from ewarn.domain.kinds import EventKind
from ewarn.domain.source import Coverage, Payload
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.acled.rows import FIELDS, newest_day, newest_stamp, read_rows
from tests.damage import damaged
from tests.ingest.acled.provider import invented, listed, stamp

NOW = datetime(2025, 11, 20, 6, tzinfo=UTC)


def read(*rows: Any, **payload: Any) -> ParsedBatch:
    return of_body(listed(list(rows)), **payload)


def of_body(body: bytes, **payload: Any) -> ParsedBatch:
    return read_rows(Payload("acled", "page", body, NOW, **payload), load_gazetteer())


def event(**others: Any) -> Mapping[Any, Any]:
    batch = read(invented(1, **others))
    assert batch.rejected == ()
    (found,) = batch.events.to_dict("records")
    return found


def refusal(**others: Any) -> str:
    batch = read(invented(1, **others))
    assert len(batch.events) == 0
    return batch.rejected[0].reason


def test_a_row_becomes_an_event() -> None:
    found = event(fatalities="2")
    assert found["source"] == "acled"
    assert found["source_event_id"] == "TGO1"
    assert found["kind"] == "protest"
    assert found["occurred_on"].date() == date(2025, 11, 2)
    assert found["known_at"] == datetime(2025, 11, 18, 0, 0, 1, tzinfo=UTC)
    assert not found["known_at_estimated"]
    assert (found["country"], found["region"]) == ("TGO", "TG-M")
    assert (found["place"], found["latitude"], found["longitude"]) == ("Lome", 6.1319, 1.2228)
    assert (found["fatalities_low"], found["fatalities_high"]) == (2, 2)
    assert found["location_precision"] == "place"


def test_numbers_and_text_say_the_same() -> None:
    as_numbers = invented(1, latitude=6.1319, longitude=1.2228, fatalities=3, timestamp=1763424001)
    as_text = invented(1, fatalities="3", timestamp="1763424001")
    as_floats = invented(1, fatalities=3.0, time_precision=1.0, timestamp="1763424001")
    frames = [read(row).events for row in (as_numbers, as_text, as_floats)]
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


def test_an_unknown_number_of_deaths_is_not_zero() -> None:
    for unknown in ("", None):
        assert read(invented(1, fatalities=unknown)).events["fatalities_low"].isna().all()
    assert read(invented(1, fatalities=0)).events["fatalities_low"].tolist() == [0]


def test_every_type_of_the_codebook_is_a_kind_or_counted_as_untracked() -> None:
    assert len(set(ACLED) | ACLED_UNTRACKED) == 25 + 1, "one is spelt in two ways"
    assert not set(ACLED) & ACLED_UNTRACKED
    for type_, kind in ACLED.items():
        assert event(sub_event_type=type_)["kind"] == kind
    for type_ in ACLED_UNTRACKED:
        batch = read(invented(1, sub_event_type=type_))
        assert dict(batch.skipped) == {"not a tracked kind": 1}


def test_a_type_that_is_not_in_the_codebook_is_refused_aloud() -> None:
    assert "sub_event_type 'Rumour' is none of" in refusal(sub_event_type="Rumour")


def test_weapons_against_civilians_are_attacks() -> None:
    assert event(sub_event_type="Grenade")["kind"] == "clash"
    aimed = event(sub_event_type="Grenade", civilian_targeting="Civilian targeting")
    assert aimed["kind"] == "attack"
    kind = from_acled("Excessive force against protesters", targets_civilians=True)
    assert kind is EventKind.FORCE


def test_an_intervention_is_tagged_and_excessive_force_is_lethal_by_its_deaths() -> None:
    assert event(sub_event_type="Protest with intervention")["tags"] == "response:dispersal"
    assert event(sub_event_type="Excessive force against protesters")["tags"] == ""


@pytest.mark.parametrize(
    ("precision", "first", "last", "named"),
    [
        ("1", date(2025, 10, 15), date(2025, 10, 15), "day"),
        ("2", date(2025, 10, 12), date(2025, 10, 18), "week"),
        ("3", date(2025, 10, 1), date(2025, 10, 31), "month"),
    ],
)
def test_a_day_that_is_not_known_is_a_span(
    precision: str, first: date, last: date, named: str
) -> None:
    found = event(event_date="2025-10-15", time_precision=precision)
    assert (found["occurred_on"].date(), found["ended_on"].date()) == (first, last)
    assert found["date_precision"] == named


@pytest.mark.parametrize("precision", ["2", 3])
def test_a_town_that_stands_in_for_its_surroundings_is_not_kept(precision: object) -> None:
    found = event(geo_precision=precision)
    assert (found["region"], found["location_precision"]) == ("TG-M", "admin1")
    assert read(invented(1, geo_precision=precision)).events["place"].isna().all()
    assert read(invented(1, geo_precision=precision)).events["latitude"].isna().all()


def test_a_position_that_says_nothing_leaves_the_name_and_then_the_country() -> None:
    assert event(latitude="", longitude="", admin1="Kara")["region"] == "TG-K"
    assert event(latitude="0", longitude="0", admin1="Kara")["region"] == "TG-K"
    nowhere = event(latitude="0", longitude="0", admin1="Atlantis")
    assert (nowhere["region"], nowhere["location_precision"]) == ("TGO", "country")


def test_seas_are_skipped_and_unknown_countries_refused() -> None:
    assert dict(read(invented(1, country="Red Sea")).skipped) == {"in international waters": 1}
    assert "country 'Atlantis' is not a country" in refusal(country="Atlantis")


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ({"event_id_cnty": ""}, "event_id_cnty is empty"),
        ({"event_id_cnty": "x" * 201}, "longer than 200"),
        ({"event_id_cnty": "x" * 5_000_000}, "longer than 1000"),
        ({"event_date": "05-11-2025"}, "is not a day"),
        ({"event_date": ""}, "event_date is empty"),
        ({"event_date": "2025-11-19"}, "is after its timestamp"),
        ({"time_precision": "4"}, "time_precision '4' is not 1 to 3"),
        ({"geo_precision": ""}, "geo_precision '' is not 1 to 3"),
        ({"fatalities": "-1"}, "fatalities"),
        ({"fatalities": "many"}, "fatalities"),
        ({"fatalities": [1]}, "fatalities is not one value"),
        ({"latitude": "91"}, "latitude"),
        ({"latitude": ""}, "must both be given"),
        ({"timestamp": ""}, "timestamp is empty"),
        ({"timestamp": "soon"}, "not a count of seconds"),
        ({"timestamp": "1763424001000"}, "not a count of seconds"),
        ({"timestamp": stamp("2025-11-22")}, "is after the day it was read"),
        ({"country": ""}, "country is empty"),
        ({"sub_event_type": None}, "sub_event_type is empty"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(others: dict[str, Any], reason: str) -> None:
    batch = read(invented(0), invented(1, **others), invented(2))
    assert batch.events["source_event_id"].tolist() == ["TGO0", "TGO2"]
    (found,) = batch.rejected
    assert found.line == 2
    assert reason in found.reason
    assert len(found.reason) < 300


def test_names_notes_and_media_are_dropped_even_if_they_are_sent() -> None:
    extra = {
        "actor1": "Invented Actor",
        "assoc_actor_1": "Invented Ally",
        "actor2": "Invented Other",
        "notes": "On 2 November an invented person spoke",
        "source": "Invented Gazette",
        "tags": "crowd size=invented",
    }
    batch = read(invented(1, **extra))
    assert "nvented" not in batch.events.to_csv()
    assert set(extra) <= set(batch.fields), "but their coming is noticed"


def test_the_fields_are_told_so_that_a_change_is_noticed() -> None:
    assert set(read(invented(1)).fields) == set(FIELDS)


def test_nul_and_other_controls_do_not_reach_the_store() -> None:
    assert event(location="Lo\x00me\x1b")["place"] == "Lo me"


def test_latin_1_is_read_with_a_remark() -> None:
    body = json.dumps({"data": [invented(1, location="Aného")]}, ensure_ascii=False)
    batch = of_body(body.encode("latin-1"))
    assert batch.events["place"].tolist() == ["Aného"]
    assert "Latin-1" in batch.notes[0]


def test_one_event_said_twice_counts_once_and_said_in_two_ways_is_refused() -> None:
    batch = read(invented(1), invented(1), invented(2), invented(2, fatalities="9"))
    assert batch.events["source_event_id"].tolist() == ["TGO1"]
    assert batch.skipped["the same row again"] == 1
    assert [row.line for row in batch.rejected] == [3, 4]


def test_deletions_are_tombstones_known_when_they_were_made() -> None:
    gone = {"event_id_cnty": "TGO7", "deleted_timestamp": str(stamp("2025-11-19"))}
    bad = {"event_id_cnty": "TGO8", "deleted_timestamp": "x"}
    batch = read(gone, bad)
    (found,) = batch.events.to_dict("records")
    assert found["deleted"]
    assert found["known_at"] == datetime(2025, 11, 19, tzinfo=UTC)
    assert (found["source_event_id"], found["country"]) == ("TGO7", "ZZZ")
    assert "deleted_timestamp 'x' is not a count" in batch.rejected[0].reason
    assert batch.fields == (), "their fields are not those of events"


def test_weeks_are_covered_where_the_payload_says_so() -> None:
    days = {"first_day": date(2025, 10, 1), "last_day": date(2025, 11, 7)}
    covered = Coverage("acled", "*", date(2025, 10, 6), date(2025, 10, 27))
    assert read(invented(1), **days).coverage == (covered,)
    assert read(invented(1)).coverage == ()
    assert read(invented(1), first_day=date(2025, 11, 7), last_day=date(2025, 10, 1)).coverage == ()


def test_the_newest_stamp_and_day_pass_over_what_is_none() -> None:
    rows: list[Any] = [invented(3), {"timestamp": "x", "event_date": 7}, 5, None, {}]
    assert newest_stamp(rows, NOW) == datetime(2025, 11, 18, 0, 0, 3, tzinfo=UTC)
    assert newest_day(rows, NOW) == date(2025, 11, 4)
    assert newest_stamp([], NOW) is None
    assert newest_day([], NOW) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"data": 5}', b"[]", b'{"data": [{"a": '])
def test_what_is_no_listing_is_refused_whole(body: bytes) -> None:
    with pytest.raises(RecordRejected):
        of_body(body)


def assert_agrees(batch: ParsedBatch, records: int) -> None:
    EVENT_SCHEMA.validate(batch.events)
    assert len(batch.events) + len(batch.rejected) + batch.skipped.total() == records


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(["1", "2", "2025-11-05", "Togo", "Grenade", "1763424001", "-3", "6.1"]),
    st.lists(st.integers(), max_size=2),
)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from([*FIELDS, "deleted_timestamp"]), VALUES)))
def test_rows_of_anything_are_events_skipped_or_refused(changes: list[dict[str, Any]]) -> None:
    rows = [invented(number) | change for number, change in enumerate(changes)]
    try:
        body = listed(rows)
        json.loads(body)
        batch = of_body(body)
    except RecordRejected:
        return  # a number or a text that JSON cannot carry
    assert_agrees(batch, len(rows))


PAGE = listed([invented(1), invented(2), {"event_id_cnty": "x"}])


@settings(deadline=None, max_examples=150)
@given(damaged(PAGE))
def test_a_damaged_page_is_read_or_refused(body: bytes) -> None:
    try:
        batch = of_body(body)
        records = len(json.loads(body.decode("utf-8-sig", "replace"))["data"])
    except (RecordRejected, UnicodeDecodeError):
        return
    assert_agrees(batch, records)
