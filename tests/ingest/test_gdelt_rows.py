"""Rows of GDELT as events: every row is one, or is counted as skipped, or is rejected."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Payload
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest import gdelt_rows as rows
from ingest.gdelt import GdeltSource
from ingest.gdelt_rows import host_of, read_rows

GOOD = {
    rows.ID: "900000001",
    rows.DAY: "20171018",
    rows.ACTOR_1: "TGOOPP",
    6: "NAME OF AN ACTOR",
    rows.CODE: "175",
    rows.ROOT: "17",
    rows.MENTIONS: "10",
    rows.GEO_TYPE: "4",
    rows.GEO_NAME: "Lome, Maritime, Togo",
    rows.GEO_COUNTRY: "TO",
    rows.GEO_ADM1: "TO24",
    rows.LATITUDE: "6.13194",
    rows.LONGITUDE: "1.22278",
    rows.FEATURE: "-1234",
    rows.ADDED: "20171018141500",
    rows.URL: "https://news.example/2017/name-of-a-person.html",
}


def line(**changes: str) -> str:
    """A good row with some columns changed, by their names in `gdelt_rows`."""
    cells = [""] * rows.COLUMNS
    for index, value in (GOOD | {getattr(rows, name): v for name, v in changes.items()}).items():
        cells[index] = value
    return "\t".join(cells)


def read(*lines: str) -> ParsedBatch:
    return read_rows("\n".join([*lines, ""]).encode(), load_gazetteer())


def only(**changes: str) -> dict[str, Any]:
    events = read(line(**changes)).events
    assert len(events) == 1
    return {str(name): events[name].iloc[0] for name in events}


def test_a_row_becomes_an_event_without_names() -> None:
    event = only()
    assert (event["source_event_id"], event["kind"]) == ("900000001", "force")
    assert (event["country"], event["region"]) == ("TGO", "TG-M")
    assert event["known_at"] == datetime(2017, 10, 18, 14, 15, tzinfo=UTC)
    assert not event["known_at_estimated"]
    assert event["source_url"] == "news.example"
    assert event["summary"] != event["summary"]  # missing
    assert not any("NAME" in str(value) for value in event.values())


@pytest.mark.parametrize(
    ("changes", "region", "precision"),
    [
        ({}, "TG-M", "place"),
        ({"GEO_TYPE": "5"}, "TG-M", "admin1"),
        ({"GEO_TYPE": "1"}, "TGO", "country"),  # its position is the country's middle
        ({"GEO_ADM1": "TO00"}, "TG-M", "place"),  # unknown code: by position
        ({"GEO_ADM1": "GH08"}, "TG-M", "place"),  # another country's code: by position
        ({"GEO_ADM1": "TO00", "LATITUDE": "", "LONGITUDE": ""}, "TGO", "country"),
        ({"GEO_ADM1": "TO00", "LATITUDE": "400"}, "TGO", "country"),
        ({"GEO_COUNTRY": "US", "GEO_ADM1": "USCA"}, "US-CA", "place"),
        ({"GEO_COUNTRY": "FG", "GEO_ADM1": "FG00", "GEO_TYPE": "1"}, "FR-GF", "admin1"),
    ],
)
def test_where_a_row_lies(changes: dict[str, str], region: str, precision: str) -> None:
    event = only(**changes)
    assert (event["region"], event["location_precision"]) == (region, precision)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CODE": "010"}, "not a tracked kind"),
        ({"CODE": ""}, "not a tracked kind"),
        ({"DAY": "20170917"}, "old news"),
        ({"GEO_TYPE": "0"}, "no place"),
        ({"GEO_COUNTRY": ""}, "no place"),
        ({"GEO_COUNTRY": "OS"}, "no place"),  # the high seas
    ],
)
def test_sound_rows_that_are_not_for_us_are_counted(changes: dict[str, str], reason: str) -> None:
    batch = read(line(**changes))
    assert (len(batch.events), batch.rejected, batch.skipped) == (0, (), Counter({reason: 1}))


def test_thirty_days_are_still_news() -> None:
    assert only(DAY="20170918")["kind"] == "force"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\tb", "it has 2 cells where a GDELT 2.0 row has 61."),
        ("\t" * 59, "it has 60 cells where a GDELT 2.0 row has 61."),
        (line() + "\t", "it has 62 cells where a GDELT 2.0 row has 61."),
        (line(ID="x"), "GLOBALEVENTID 'x' is not a number."),
        (line(DAY="2017101"), "SQLDATE '2017101' is not a day written YYYYMMDD."),
        (line(DAY="20171019"), "SQLDATE 2017-10-19 lies after the day it was added, 2017-10-18."),
        (
            line(ADDED="00010101000000"),
            "DATEADDED '00010101000000' is not a moment written YYYYMMDDHHMMSS.",
        ),
    ],
)
def test_broken_rows_are_rejected_by_line(text: str, reason: str) -> None:
    batch = read(line(), text)
    assert [(r.line, r.reason) for r in batch.rejected] == [(2, reason)]
    assert len(batch.events) == 1


def test_one_story_is_one_event_and_the_most_told_row_stands() -> None:
    batch = read(
        line(),
        line(ID="2", MENTIONS="30", CODE="1753"),
        line(ID="3", MENTIONS="20"),
        line(ID="4", ACTOR_1="TGOGOV"),
        line(ID="5", FEATURE="other"),
    )
    assert batch.events["source_event_id"].tolist() == ["2", "4", "5"]
    assert batch.skipped == {"duplicate story": 2}


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://a.example/x", "a.example"),
        ("BBC Monitoring", None),
        ("", None),
        ("http://[", None),
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
        "duplicate story": 32,
        "no place": 12,
        "old news": 3,
    }
    assert (len(batch.events), batch.rejected) == (290, ())
    assert len(batch.events) + batch.skipped.total() == 2111
    assert (batch.events["region"] != batch.events["country"]).sum() == 221
    assert batch.events["source_event_id"].is_unique


CELL = st.one_of(st.text(max_size=12), st.sampled_from(list(GOOD.values())))


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), CELL, max_size=4))
def test_any_cells_are_an_event_skipped_or_rejected(changes: dict[int, str]) -> None:
    cells = line().split("\t")
    for index, value in changes.items():
        cells[index] = value.replace("\n", " ").replace("\t", " ")
    text = "\t".join(cells).encode("utf-8", "replace")
    batch = read_rows(text, load_gazetteer())
    assert len(batch.events) + len(batch.rejected) + batch.skipped.total() == 1
