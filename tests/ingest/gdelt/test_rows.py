"""Tests of rows of GDELT: each is an event, counted as skipped, or rejected.

All rows are invented except those of one real file, which are only counted.
"""

import io
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Payload
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.gdelt import lines as gdelt_lines
from ingest.gdelt.editions import HISTORY, VERSION_1, VERSION_2, Edition
from ingest.gdelt.rows import host_of, read_rows
from ingest.gdelt.source import GdeltSource
from tests.ingest.gdelt.provider import GOOD, line


def read(*lines: str | bytes, edition: Edition = VERSION_2, feed: str = "") -> ParsedBatch:
    body = b"".join((x if isinstance(x, bytes) else x.encode()) + b"\n" for x in lines)
    (batch,) = read_rows(io.BytesIO(body), load_gazetteer(), edition, feed)
    return batch


def only(edition: Edition = VERSION_2, /, **changes: str) -> dict[str, Any]:
    events = read(line(edition, **changes), edition=edition).events
    assert len(events) == 1
    return {str(name): events[name].iloc[0] for name in events}


def ids(batch: ParsedBatch) -> list[str]:
    """GLOBALEVENTIDs of the tellings that stand."""
    tags = batch.events["tags"].str.split(";").explode()
    return [tag.removeprefix("gdelt-id:") for tag in tags if tag.startswith("gdelt-id:")]


def test_a_row_becomes_an_event_without_names() -> None:
    event = only()
    assert (event["tags"], event["kind"]) == ("gdelt-id:900000001;mentions:10", "force")
    assert (event["country"], event["region"]) == ("TGO", "TG-M")
    assert event["known_at"] == datetime(2017, 10, 18, 14, 15, tzinfo=UTC)
    assert not event["known_at_estimated"]
    assert event["source_url"] == "news.example"
    assert pd.isna(event["summary"])
    assert not any("NAME" in str(value) for value in event.values())
    assert not any("name-of-a-person" in str(value) for value in event.values())


def test_an_event_is_what_the_frame_wants() -> None:
    frame = read(line()).events
    pd.testing.assert_frame_equal(EVENT_SCHEMA.validate(frame), frame)


TEXAS = {"latitude": "31.0", "longitude": "-99.0"}
UNKNOWN = {"latitude": "", "longitude": ""}
EL_PASO = {"latitude": "31.7587", "longitude": "-106.487"}  # our simplified border has it in Mexico
MOSCOW = {"latitude": "55.75", "longitude": "37.62"}


@pytest.mark.parametrize(
    ("changes", "region", "precision"),
    [
        ({}, "TG-M", "place"),
        ({"geo_type": "5"}, "TG-M", "admin1"),
        ({"geo_type": "1"}, "TGO", "country"),  # its position is the country's middle
        ({"geo_adm1": "TO00"}, "TG-M", "place"),  # unknown code: by position
        ({"geo_adm1": "GH08"}, "TG-M", "place"),  # another country's code: by position
        ({"geo_adm1": "TO00", "latitude": "", "longitude": ""}, "TGO", "country"),
        ({"geo_adm1": "TO00", "latitude": "400"}, "TGO", "country"),
        ({"geo_adm1": "TO00", "latitude": "nan"}, "TGO", "country"),
        ({"geo_country": "US", "geo_adm1": "USCA"}, "USA", "country"),  # it lies in Togo
        ({"geo_country": "US", "geo_adm1": "USCA"} | TEXAS, "US-TX", "place"),  # position first
        ({"geo_country": "US", "geo_adm1": "USCA"} | UNKNOWN, "US-CA", "place"),
        ({"geo_country": "US", "geo_adm1": "USTX"} | EL_PASO, "US-TX", "place"),
        ({"geo_country": "US", "geo_adm1": "USCA"} | EL_PASO, "USA", "country"),
        ({"geo_country": "RS", "geo_adm1": "RS47"} | MOSCOW, "RU-MOW", "place"),
        ({"geo_country": "FG", "geo_adm1": "FG00", "geo_type": "1"}, "FR-973", "admin1"),
    ],
)
def test_where_a_row_lies(changes: dict[str, str], region: str, precision: str) -> None:
    event = only(**changes)
    assert (event["region"], event["location_precision"]) == (region, precision)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": "010"}, "not a tracked kind"),
        ({"code": ""}, "not a tracked kind"),
        ({"day": "20170917"}, "old news"),
        ({"geo_type": "0"}, "no place"),
        ({"geo_country": ""}, "no place"),
        ({"geo_country": "OS"}, "no place"),  # the high seas
    ],
)
def test_sound_rows_that_are_not_for_us_are_counted(changes: dict[str, str], reason: str) -> None:
    batch = read(line(**changes))
    assert (len(batch.events), batch.rejected, batch.skipped) == (0, (), Counter({reason: 1}))


def test_thirty_days_are_still_news() -> None:
    assert only(day="20170918")["kind"] == "force"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\tb", "it has 2 cells where a GDELT 2.0 row has 61."),
        ("\t" * 59, "it has 60 cells where a GDELT 2.0 row has 61."),
        (line() + "\t", "it has 62 cells where a GDELT 2.0 row has 61."),
        (line(id="x"), "GLOBALEVENTID 'x' is not a number."),
        (line(day="2017101"), "SQLDATE '2017101' is not a day written YYYYMMDD."),
        (line(day="20171019"), "SQLDATE 2017-10-19 is after the day it was added, 2017-10-18."),
        (
            line(added="00010101000000"),
            "DATEADDED '00010101000000' is not a moment written YYYYMMDDHHMMSS.",
        ),
        (
            line(added="20171018246000"),
            "DATEADDED '20171018246000' is not a moment written YYYYMMDDHHMMSS.",
        ),
    ],
)
def test_broken_rows_are_rejected_by_line(text: str, reason: str) -> None:
    batch = read(line(), "", text, line(feature="other"))
    assert [(r.line, r.reason) for r in batch.rejected] == [(3, reason)]
    assert batch.events["line"].tolist() == [1, 4]


def test_odd_bytes_cost_no_good_row() -> None:
    good = line().encode()
    cells = good.split(b"\t")
    cells[6], cells[52] = b"\xff\xfe", b"Lom\xe9\0, \rTogo"
    odd = b"\t".join([*cells[:5], b"TGOMIL", *cells[6:-1], cells[-1] + b"other"])
    batch = read(good + b"\r", b"\r", odd, b"\0", b'"' + line(feature='"').encode())
    assert batch.events["place"].tolist() == ["Lome, Maritime, Togo", "Lom\ufffd ,  Togo"]
    assert [r.line for r in batch.rejected] == [4, 5]
    assert batch.rejected[1].reason == "GLOBALEVENTID '\"900000001' is not a number."


def test_a_line_that_is_far_too_long_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gdelt_lines, "CHUNK", 1000)  # the long line spans many chunks
    monkeypatch.setattr(gdelt_lines, "MAX_LINE", 5000)
    long = line(feature="x" * 20_000)
    body = "\n".join([line(), long, line(feature="b"), long]).encode()
    batches = list(read_rows(io.BytesIO(body), load_gazetteer()))
    assert [at for batch in batches for at in batch.events["line"]] == [1, 3]
    assert [r.line for batch in batches for r in batch.rejected] == [2, 4]
    assert all("longer than" in r.reason for batch in batches for r in batch.rejected)


def test_a_large_file_comes_in_batches_with_its_own_line_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gdelt_lines, "BLOCK_LINES", 3)
    rows = [line(feature=str(n)) for n in range(7)]
    rows[4] = "broken"
    batches = list(read_rows(io.BytesIO("\n".join([*rows, rows[0]]).encode()), load_gazetteer()))
    assert [len(batch.events) for batch in batches] == [3, 2, 1]
    assert [at for batch in batches for at in batch.events["line"]] == [1, 2, 3, 4, 6, 7]
    assert [r.line for batch in batches for r in batch.rejected] == [5]
    # The first row stands there again: also over batches it is no second event.
    assert batches[2].skipped == {"duplicate story": 1}


def test_one_story_is_one_event_and_the_most_told_row_stands() -> None:
    batch = read(
        line(),
        line(id="2", mentions="30", code="1753"),
        line(id="3", mentions="20"),
        line(id="4", actor_1="TGOGOV"),
        line(id="5", feature="other"),
        line(id="6", code="172"),  # the same root, another harm
    )
    assert ids(batch) == ["2", "4", "5", "6"]
    assert batch.skipped == {"duplicate story": 2}


def test_of_equal_tellings_the_smallest_id_stands_in_any_order() -> None:
    tellings = [line(id="12"), line(id="7"), line(id="100")]
    assert ids(read(*tellings)) == ids(read(*tellings[::-1])) == ["7"]


def test_a_story_keeps_its_id_in_every_file_and_feed_tells_translations_apart() -> None:
    first = only()["source_event_id"]
    later = only(id="77", mentions="500", added="20171019000000", url="https://b.example/")
    assert later["source_event_id"] == first
    translated = read(line(), feed="translation.").events["source_event_id"].iloc[0]
    assert translated != first


def test_what_is_not_relevant_is_counted_and_leaves_no_event() -> None:
    crime = "https://news.example/crime/man-arrested-with-cocaine-at-football-match"
    batch = read(line(), line(id="2", code="173", actor_2="CRM", url=crime))
    assert ids(batch) == ["900000001"]
    assert batch.skipped == {"not relevant": 1}
    assert batch.volume.total() == 2  # of all news, relevant or not


def test_a_place_without_feature_is_told_by_its_name() -> None:
    one, other = (only(feature="", geo_name=name)["source_event_id"] for name in ("A", "B"))
    assert one != other


def test_all_sound_rows_are_the_volume() -> None:
    batch = read(
        line(),
        line(id="2"),  # another telling: a row all the same
        line(code="010"),  # no tracked kind
        line(code="010", id="x"),
        line(code="010", geo_type="1", day="20171017"),
        line(day="20170101"),  # old news
        line(geo_type=""),  # nowhere
        line(day="20171101"),  # refused
        line(id="x"),  # refused too
    )
    assert batch.volume == {("TG-M", date(2017, 10, 18)): 4, ("TGO", date(2017, 10, 17)): 1}


def test_a_row_of_a_daily_file_is_known_at_the_end_of_its_day() -> None:
    event = only(VERSION_1, added="20140512", day="20140511")
    assert event["known_at"] == datetime(2014, 5, 13, tzinfo=UTC)
    assert event["known_at_estimated"]
    assert (event["region"], event["source_url"]) == ("TG-M", "news.example")
    old = read(line(VERSION_1, added="20140512", day="20130512"), edition=VERSION_1)
    assert old.skipped == {"old news": 1}


def test_a_row_compiled_years_later_is_known_the_day_after_it_happened() -> None:
    event = only(HISTORY, added="20130203", day="20050205")
    assert event["known_at"] == datetime(2005, 2, 6, tzinfo=UTC)
    assert event["known_at_estimated"]
    assert pd.isna(event["source_url"])
    before = read(line(HISTORY, added="20130203", day="19781231"), edition=HISTORY)
    assert before.skipped == {"old news": 1}


@pytest.mark.parametrize("edition", [VERSION_1, HISTORY])
def test_a_row_of_another_edition_is_refused(edition: Edition) -> None:
    (refused,) = read(line(), edition=edition).rejected
    assert f"where a {edition.title} row has {edition.cells}" in refused.reason


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://a.example/x", "a.example"),
        ("BBC Monitoring", None),
        ("", None),
        ("http://[", None),
        ("https://München.example/x", "münchen.example"),
        ("https://a.example:8443/x", "a.example"),
        ("http://somebody:word@a.example/x", "a.example"),
        ("http://a.example\\somebody-was-arrested\\x", None),
        ("http://a.example somebody was arrested/x", None),
        ("http://a.example;somebody-was-arrested/x", None),
        ("http://a.example%2Fsomebody/x", None),
        ("http://somebody-was-arrested/x", None),
        (f"http://{'a.' * 200}example/x", None),
    ],
)
def test_host(address: str, host: str | None) -> None:
    assert host_of(address) == host


def test_every_row_of_a_real_file_is_accounted_for(shared_data: Callable[[str], Path]) -> None:
    body = shared_data("gdelt_20191024143000.export.CSV.gz").read_bytes()
    payload = Payload("gdelt", "sample", body, datetime(2019, 10, 24, 14, 35, tzinfo=UTC))
    (batch,) = GdeltSource().parse(payload, load_gazetteer())
    assert batch.skipped == {
        "not a tracked kind": 1774,
        "not relevant": 255,
        "duplicate story": 8,
        "no place": 12,
        "old news": 3,
    }
    assert (len(batch.events), batch.rejected) == (59, ())
    assert len(batch.events) + batch.skipped.total() == 2111
    assert (batch.events["region"] != batch.events["country"]).sum() == 51
    assert batch.events["source_event_id"].is_unique
    assert batch.volume.total() == 2049  # the others lie nowhere or are old news


CELL = st.one_of(st.text(max_size=12), st.sampled_from(list(GOOD.values())))
ANY_CHANGES = st.dictionaries(st.sampled_from(sorted(GOOD)), CELL, max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY_CHANGES, min_size=1, max_size=4))
def test_any_cells_are_an_event_skipped_or_rejected(rows: list[dict[str, str]]) -> None:
    texts = [
        line(**{name: value.replace("\n", " ").replace("\t", " ") for name, value in row.items()})
        for row in rows
    ]
    batch = read(*(text.encode("utf-8", "replace") for text in texts))
    assert len(batch.events) + len(batch.rejected) + batch.skipped.total() == len(rows)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=40), st.just(line().encode()))))
def test_any_bytes_are_accounted_for(parts: list[bytes]) -> None:
    body = b"\n".join(parts)
    batches = list(read_rows(io.BytesIO(body), load_gazetteer()))
    rows = sum(1 for text in body.replace(b"\r\n", b"\n").split(b"\n") if text)
    told = sum(len(b.events) + len(b.rejected) + b.skipped.total() for b in batches)
    assert told == rows
