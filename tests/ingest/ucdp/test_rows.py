"""Tests of rows of UCDP GED, which give the same events from a file and from the API."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from ewarn.errors import RecordRejected
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.shared import decompress
from ingest.ucdp import rows as ucdp_rows
from ingest.ucdp.rows import COLUMNS, read_vintage
from tests.damage import damaged
from tests.ingest.ucdp.provider import csv_of, ged, page_of

KNOWN = datetime(2026, 9, 20, tzinfo=UTC)


def batches(body: bytes) -> list[ParsedBatch]:
    return list(read_vintage(body, load_gazetteer(), KNOWN, date(2015, 1, 1)))


def one(**cells: Any) -> dict[str, Any]:
    (batch,) = batches(csv_of(ged(1, **cells)))
    (row,) = batch.events.to_dict("records")
    return {str(name): value for name, value in row.items()}


def refused(**cells: Any) -> str:
    (batch,) = batches(csv_of(ged(1, **cells)))
    return batch.rejected[0].reason


@pytest.mark.parametrize(("code", "kind"), [(1, "clash"), (2, "clash"), (3, "attack")])
def test_a_type_of_violence_is_a_kind(code: int, kind: str) -> None:
    assert one(type_of_violence=code)["kind"] == kind


@pytest.mark.parametrize(
    ("violence", "states", "tags"),
    [
        (3, "461", "actor:state"),
        (3, "461.0", "actor:state"),
        (3, "461, 475", "actor:state"),
        (3, "461.0, 475.0", "actor:state"),
        (3, "", ""),
        (3, None, ""),
        (3, "nan", ""),
        (3, "-99", ""),
        (1, "461", ""),
    ],
)
def test_of_who_killed_civilians_is_kept_whether_it_was_a_state(
    violence: int, states: str | None, tags: str
) -> None:
    assert one(type_of_violence=violence, gwnoa=states, best=2)["tags"] == tags


@pytest.mark.parametrize(
    ("best", "violence", "tags"),
    [(3, 1, "deaths:3"), (0, 1, ""), (2, 1, ""), ("", 1, ""), (3, 3, "actor:state;deaths:3")],
)
def test_the_best_estimate_of_the_dead_is_kept_where_it_is_not_the_lower_one(
    best: object, violence: int, tags: str
) -> None:
    assert one(type_of_violence=violence, best=best)["tags"] == tags


@pytest.mark.parametrize(
    ("code", "precision"), [(1, "day"), (2, "week"), (3, "week"), (4, "month"), (5, "month")]
)
def test_days_are_as_exact_as_they_are_said_to_be(code: int, precision: str) -> None:
    row = one(date_prec=code, end="2026-08-16")
    assert (row["occurred_on"].date(), row["ended_on"].date()) == (
        date(2026, 8, 14),
        date(2026, 8, 16),
    )
    assert row["date_precision"] == precision


@pytest.mark.parametrize(
    ("code", "region", "precision"),
    [
        (1, "TG-K", "place"),
        (2, "TG-K", "place"),
        (3, "TG-K", "admin1"),
        (4, "TG-K", "admin1"),
        (5, "TGO", "country"),
        (6, "TGO", "country"),
        (7, "TGO", "country"),
    ],
)
def test_a_place_is_as_exact_as_it_is_said_to_be(code: int, region: str, precision: str) -> None:
    row = one(where_prec=code)
    assert (row["region"], row["location_precision"]) == (region, precision)
    assert (row["place"], row["country"]) == ("Kara town", "TGO")
    assert pd.isna(row["latitude"]) == (precision == "country")


def test_a_position_outside_its_country_leaves_the_name_to_decide() -> None:
    assert one(latitude=48.0, longitude=2.0, adm_1="Kara")["region"] == "TG-K"
    row = one(latitude=48.0, longitude=2.0, adm_1="nowhere")
    assert (row["region"], row["location_precision"]) == ("TGO", "country")


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("DR Congo (Zaire)", "COD"),
        ("Yemen (North Yemen)", "YEM"),
        ("Russia (Soviet Union)", "RUS"),
        ("Kingdom of eSwatini (Swaziland)", "SWZ"),
        ("Cambodia (Kampuchea)", "KHM"),
        ("Serbia (Yugoslavia)", "SRB"),
        ("Bosnia-Herzegovina", "BIH"),
        ("Macedonia, FYR", "MKD"),
        ("Ivory Coast", "CIV"),
        ("Congo", "COG"),
    ],
)
def test_countries_are_known_by_either_of_their_names(name: str, country: str) -> None:
    assert one(country=name, where_prec=6)["country"] == country


@pytest.mark.parametrize(
    ("low", "best", "high", "expected"),
    [
        (2, 3, 5, (2, 5)),
        (5, 10, 8, (5, 10)),
        (5, 3, 8, (3, 8)),
        ("", 3, "", (3, 3)),
        (0, 0, 0, (0, 0)),
    ],
)
def test_deaths_are_bounds_that_hold_the_best_estimate(
    low: object, best: object, high: object, expected: tuple[int, int]
) -> None:
    row = one(low=low, best=best, high=high)
    assert (row["fatalities_low"], row["fatalities_high"]) == expected


def test_deaths_that_nobody_estimated_are_unknown() -> None:
    row = one(low="", best="", high="")
    assert pd.isna(row["fatalities_low"])
    assert pd.isna(row["fatalities_high"])


def test_an_event_is_known_with_its_release_which_is_an_estimate() -> None:
    assert (one()["known_at"], one()["known_at_estimated"]) == (KNOWN, True)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"id": "x"}, "id 'x' is not a number"),
        ({"type_of_violence": 9}, "type_of_violence '9' is not one of 1, 2, 3"),
        ({"date_prec": 6}, "date_prec '6' is not one of"),
        ({"where_prec": ""}, "where_prec '' is not one of"),
        ({"date_start": "yesterday"}, "date_start 'yesterday' is not a day"),
        ({"date_end": ""}, "date_end is empty"),
        ({"end": "2026-08-01"}, "it ends on 2026-08-01, before it starts on 2026-08-14"),
        ({"country": "Atlantis"}, "country 'Atlantis' is not a known country"),
        ({"country": ""}, "country is empty"),
        ({"latitude": 91}, "latitude is not a number"),
        ({"latitude": ""}, "latitude and longitude must both be given"),
        ({"best": -1}, "best '-1' is not a whole number"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(cells: dict[str, Any], reason: str) -> None:
    assert reason in refused(**cells)


def test_an_id_that_stands_twice_is_refused_the_second_time() -> None:
    (batch,) = batches(csv_of(ged(1), ged(1, best=99)))
    assert len(batch.events) == 1
    assert "id 1 is in this release already" in batch.rejected[0].reason


def test_years_before_the_first_that_is_read_are_skipped() -> None:
    (batch,) = batches(csv_of(ged(1, "2014-12-31", end="2015-01-02"), ged(2, "2015-01-01")))
    assert batch.events["source_event_id"].tolist() == ["2"]
    assert batch.skipped == {"before the first year that is read": 1}


def test_sides_headlines_and_descriptions_are_not_kept() -> None:
    (batch,) = batches(csv_of(ged(1), ged(2, country="Atlantis")))
    text = batch.events.to_csv() + batch.rejected[0].reason
    for word in ("Invented", "Person", "army", "band", "paper", "house"):
        assert word not in text


EVENTS = [
    ged(1),
    ged(2, type_of_violence=3, where_prec=4, date_prec=4, end="2026-08-31"),
    ged(3, country="Atlantis"),
    ged(4, low=None, best=0, high=None, latitude=None, longitude=None),
    ged(5, where_coordinates="Sokodé", where_prec=6),
]


def test_a_file_and_the_api_give_the_same_events() -> None:
    pages = b"".join(page_of(EVENTS, page, 2).replace(b"\n", b" ") + b"\n" for page in range(3))
    (from_api,), (from_file,) = batches(gzip.compress(pages)), batches(csv_of(*EVENTS))
    assert len(from_api.events) == 4
    left, right = from_api.events.drop(columns="line"), from_file.events.drop(columns="line")
    pd.testing.assert_frame_equal(left, right)
    assert [row.reason for row in from_api.rejected] == [row.reason for row in from_file.rejected]
    assert set(from_api.fields) == set(from_file.fields) == set(COLUMNS)


def test_the_fields_are_those_that_the_provider_documents(
    shared_data: Callable[[str], Path],
) -> None:
    schema = json.loads(shared_data("ucdp_gedevent_schema.json").read_text())
    assert set(schema["properties"]) == set(COLUMNS)
    example = json.loads(shared_data("ucdp_api_example.json").read_text())["response"]
    assert set(example["Result"][0]) == set(COLUMNS)
    (batch,) = read_vintage(json.dumps(example).encode(), load_gazetteer(), KNOWN, date(1989, 1, 1))
    assert batch.events["country"].tolist() == ["ETH"]
    assert batch.events["location_precision"].tolist() == ["place"]


def test_a_file_without_a_header_is_read_as_if_it_had_one() -> None:
    (bare,), (full,) = (
        batches(csv_of(ged(1), ged(2), header=False)),
        batches(csv_of(ged(1), ged(2))),
    )
    assert bare.events.drop(columns="line").equals(full.events.drop(columns="line"))
    assert bare.fields == full.fields


def test_a_large_file_comes_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ucdp_rows, "BATCH", 2)
    found = batches(zipped(csv_of(*(ged(n) for n in range(1, 6)))))
    assert [len(batch.events) for batch in found] == [2, 2, 1]


def zipped(*files: bytes) -> bytes:
    packed_ = io.BytesIO()
    with zipfile.ZipFile(packed_, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, body in enumerate(files):
            archive.writestr(f"GEDEvent_{number}.csv", body)
    return packed_.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "lacks the columns"),
        (csv_of(), "holds no event at all"),
        (b'{"Result": []}', "holds no event at all"),
        (b"<html>moved</html>", "lacks the columns id, type_of_violence"),
        (b'{"Result": [{}]}', "lacks the columns"),
        (b'{"Result": 3}', "holds no list of events"),
        (b'{"Result": [3]}', "holds no list of events"),
        (b'{"Message": "no"}', "is not an answer of UCDP's API"),
        (b"{", "is not an answer of UCDP's API"),
        (zipped(), "holds 0 files"),
        (zipped(b"", b""), "holds 2 files"),
        (zipped(csv_of(ged(1)))[:-30], "archive is damaged"),
        (gzip.compress(csv_of(ged(1)))[:-4], "archive is damaged"),
    ],
)
def test_what_is_no_release_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(RecordRejected, match=message):
        batches(body)


@pytest.mark.parametrize("at", [b"TGO-3", b"an Invented Person, shot", b"Kara region", b"461"])
def test_a_file_that_breaks_off_within_a_row_is_refused_whole(at: bytes) -> None:
    """Else the events after the cut would be missing, and the source would say that it is well."""
    body = csv_of(ged(1), ged(2), ged(3))
    with pytest.raises(RecordRejected, match="breaks off on line 6, within a row"):
        batches(body[: body.rindex(at)])


def test_a_broken_row_that_ends_is_no_end_of_the_file() -> None:
    (batch,) = batches(csv_of(ged(1)) + b"2,broken\r\n" + csv_of(ged(3), header=False))
    assert (len(batch.events), len(batch.rejected)) == (2, 1)
    (last,) = batches(csv_of(ged(1)).rstrip())  # without the end of its last line
    assert len(last.events) == 1


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RecordRejected, match="would unpack to"):
        batches(zipped(csv_of(ged(1)) + b"\n" * (2 << 20)))
    monkeypatch.setattr(decompress, "MAX_LINE", 1 << 16)
    with pytest.raises(RecordRejected, match="has a line over"):
        batches(gzip.compress(b"x" * (1 << 17)))


def good_bodies() -> Iterator[bytes]:
    yield csv_of(*EVENTS)
    yield page_of(EVENTS).replace(b"\n", b" ")
    yield zipped(csv_of(*EVENTS))


@given(damaged(*good_bodies()))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        found = batches(body)
    except RecordRejected:
        return
    lines = [line for batch in found for line in batch.events["line"]]
    refusals = [row.line for batch in found for row in batch.rejected]
    assert set(lines).isdisjoint(refusals)
    assert len(lines) == len(set(lines))
