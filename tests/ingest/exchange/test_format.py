"""Tests of the event-exchange format: what is accepted, what is refused by line, and why."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Coverage
from ewarn.frames.events import EVENT_SCHEMA, EXCHANGE_COLUMNS, EXCHANGE_REQUIRED, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.exchange.format import read_exchange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
GOOD = {
    "source": "office",
    "source_event_id": "1",
    "kind": "force",
    "occurred_on": "2017-10-18",
    "country": "TGO",
}


def file_of(*rows: dict[str, str], columns: tuple[str, ...] = EXCHANGE_COLUMNS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read(*rows: dict[str, str]) -> ParsedBatch:
    return read_exchange(file_of(*rows), load_gazetteer(), NOW)


def only(**cells: str) -> dict[str, Any]:
    """The one event of a good row with some cells changed."""
    batch = read(GOOD | cells)
    assert batch.rejected == ()
    return {str(name): batch.events[name].iloc[0] for name in batch.events}


def test_a_row_of_required_columns_alone() -> None:
    batch = read_exchange(file_of(GOOD, columns=EXCHANGE_REQUIRED), load_gazetteer(), NOW)
    (event,) = batch.events.to_dict("records")
    assert (event["country"], event["region"], event["location_precision"]) == (
        "TGO",
        "TGO",
        "country",
    )
    assert event["occurred_on"] == event["ended_on"] == pd.Timestamp("2017-10-18")
    assert event["known_at"] == datetime(2017, 10, 19, tzinfo=UTC)
    assert event["known_at_estimated"]
    assert (event["tags"], event["deleted"], event["line"]) == ("", False, 2)
    assert batch.notes == ()


def test_known_on_is_midnight_and_not_estimated() -> None:
    event = only(ended_on="2017-10-20", known_on="2017-10-25")
    assert event["known_at"] == datetime(2017, 10, 25, tzinfo=UTC)
    assert not event["known_at_estimated"]


def test_without_known_on_it_is_known_the_day_after_the_end() -> None:
    assert only(ended_on="2017-10-20")["known_at"] == datetime(2017, 10, 21, tzinfo=UTC)


def test_an_announced_election_is_known_before_it_happens() -> None:
    event = only(kind="election", occurred_on="2018-12-20", known_on="2018-11-01")
    assert event["known_at"] < datetime(2018, 12, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cells", "bounds"),
    [
        ({"participants": "120"}, (120, 120)),
        ({"participants": "120.0"}, (120, 120)),
        ({"participants": "100-999"}, (100, 999)),
        ({"participants": ">10000"}, (10000, None)),
        ({"participants": "<50"}, (None, 50)),
        ({"participants": "1 000-2 000"}, (1000, 2000)),
        ({"participants": "7", "participants_low": "5"}, (5, None)),
        ({"participants_low": "5", "participants_high": "9.0"}, (5, 9)),
    ],
)
def test_participants(cells: dict[str, str], bounds: tuple[int | None, int | None]) -> None:
    event = only(**cells)
    found = (event["participants_low"], event["participants_high"])
    assert tuple(None if value is pd.NA else value for value in found) == bounds


def test_an_empty_number_is_unknown_and_not_zero() -> None:
    events = read(GOOD | {"injured": "0"}).events
    assert events["injured"].tolist() == [0]
    assert events["arrests"].isna().tolist() == [True]


def test_tags_are_sorted_and_single() -> None:
    assert only(tags="response:killing; planned;response:killing;")["tags"] == (
        "planned;response:killing"
    )


@pytest.mark.parametrize("country", ["TGO", "TG", "Togo", " tgo "])
def test_a_country_by_code_or_name(country: str) -> None:
    assert only(country=country)["country"] == "TGO"


def test_a_country_that_ended_is_accepted() -> None:
    assert only(country="DDR", occurred_on="1990-02-01")["region"] == "DDR"


@pytest.mark.parametrize(
    ("cells", "region", "precision"),
    [
        ({"admin1": "Centrale"}, "TG-C", "admin1"),
        ({"admin1": "TO26", "place": "Dapaong"}, "TG-S", "place"),
        ({"admin1": "Q316291", "location_precision": "admin1"}, "TG-M", "admin1"),
        ({"latitude": "6.13", "longitude": "1.22"}, "TG-M", "place"),
        (
            {"latitude": "8.6", "longitude": "0.8", "location_precision": "country"},
            "TGO",
            "country",
        ),
        ({"place": "national"}, "TGO", "country"),
        ({"place": "the market of Sokodé"}, "TG-C", "admin1"),  # by its words, and no finer
        ({"place": "Lomé", "location_precision": "place"}, "TG-M", "admin1"),
        ({"place": "Lomé", "location_precision": "country"}, "TGO", "country"),
        ({"place": "Lomé and Kara"}, "TGO", "country"),
        ({"place": "Lomé", "admin1": "Kara"}, "TG-K", "place"),  # what is coded comes first,
        ({"place": "Lomé", "latitude": "9.55", "longitude": "1.19"}, "TG-K", "place"),  # then this
    ],
)
def test_a_row_lies_in_the_finest_region_known(
    cells: dict[str, str], region: str, precision: str
) -> None:
    event = only(**cells)
    assert (event["region"], event["location_precision"]) == (region, precision)


def test_remarks_say_what_was_placed_by_words_and_what_could_not_be() -> None:
    batch = read(
        GOOD | {"place": "Lomé"},
        GOOD | {"source_event_id": "2", "place": "Minas Morgul"},
        GOOD | {"source_event_id": "3", "place": "nationwide"},
        GOOD | {"source_event_id": "4", "place": "Minas Morgul"},
    )
    assert batch.events["region"].tolist() == ["TG-M", "TGO", "TGO", "TGO"]
    assert batch.notes == (
        "lines 3, 5: place 'Minas Morgul' names nothing that is known; stored at country "
        "precision.",
        "1 row has no admin1 and no position: placed by the words of the place.",
    )


def test_an_unknown_admin1_is_kept_at_country_precision_with_a_note() -> None:
    batch = read(
        GOOD | {"admin1": "Mordor", "location_precision": "admin1"},
        GOOD | {"source_event_id": "2", "admin1": "Volta"},  # of Ghana
        GOOD | {"source_event_id": "3", "admin1": "Mordor"},
        GOOD | {"source_event_id": "4", "latitude": "0.5", "longitude": "-25.5"},
    )
    assert batch.rejected == ()
    assert batch.events["region"].tolist() == ["TGO"] * 4
    assert batch.events["location_precision"].tolist() == ["country"] * 4
    assert batch.notes == (
        "lines 2, 4: admin1 'Mordor' is not in TGO; stored at country precision.",
        "line 3: admin1 'Volta' is not in TGO; stored at country precision.",
        "line 5: the position is not in TGO; stored at country precision.",
    )


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"source": ""}, "source is empty."),
        (
            {"source": "a:b"},
            "source 'a:b' is not a name of up to 50 small letters a to z, digits, '-', '_' "
            "and '.'.",
        ),
        (
            {"source": "KOBO"},
            "source 'KOBO' is not a name of up to 50 small letters a to z, digits, '-', '_' "
            "and '.'.",
        ),
        (
            {"source": "kobo"},
            "source kobo is protected: its reports come through its own form, never in a file.",
        ),
        (
            {"source": "аcled"},  # its first letter is Cyrillic
            "source 'аcled' is not a name of up to 50 small letters a to z, digits, '-', '_' "
            "and '.'.",
        ),
        (
            {"tags": "x,planned"},
            "tag 'x,planned' is not of small letters a to z, digits, ':', '_', '.' and '-'; "
            "several tags are separated by ';'.",
        ),
        (
            {"tags": "рlanned"},  # its first letter is Cyrillic
            "tag 'рlanned' is not of small letters a to z, digits, ':', '_', '.' and '-'; "
            "several tags are separated by ';'.",
        ),
        (
            {"tags": "planned-march"},
            "tag 'planned-march': what is announced is tagged 'planned' alone.",
        ),
        (
            {"tags": "Planned"},
            "tag 'Planned' is not of small letters a to z, digits, ':', '_', '.' and '-'; "
            "several tags are separated by ';'.",
        ),
        ({"source_event_id": ""}, "source_event_id is empty."),
        (
            {"source_event_id": "x" * 201},
            f"source_event_id {'x' * 60 + '…'!r} is longer than 200 characters.",
        ),
        ({"kind": ""}, "kind is empty."),
        (
            {"kind": "picnic"},
            "kind 'picnic' is not one of protest, riot, strike, arrest, force, attack, clash, "
            "restriction, election, dialogue.",
        ),
        ({"occurred_on": ""}, "occurred_on is empty."),
        (
            {"occurred_on": "18/10/2017"},
            "occurred_on '18/10/2017' is not a day from 1900 to 2100 written YYYY-MM-DD.",
        ),
        (
            {"occurred_on": "03/04/2017"},
            "occurred_on '03/04/2017' is not a day from 1900 to 2100 written YYYY-MM-DD: it is "
            "not clear which number is the day and which the month.",
        ),
        (
            {"occurred_on": "43026"},
            "occurred_on '43026' is not a day from 1900 to 2100 written YYYY-MM-DD but may be a "
            "spreadsheet's number of one: format the column as YYYY-MM-DD.",
        ),
        (
            {"occurred_on": "2026-03-03"},
            "occurred_on 2026-03-03 has not come: only an election, or what is tagged 'planned', "
            "may lie ahead, and by 10 years at most.",
        ),
        ({"ended_on": "2062-10-18"}, "ended_on 2062-10-18 has not come."),
        (
            {"known_on": "2007-10-18"},
            "known_on 2007-10-18 is before occurred_on 2017-10-18: only an election, or what is "
            "tagged 'planned', is known before it happens.",
        ),
        (
            {"source_event_id": "6.137,1.212"},
            "source_event_id holds a position: give the event another id.",
        ),
        ({"known_on": "2062-10-18"}, "known_on 2062-10-18 has not come."),
        (
            {"kind": "election", "occurred_on": "2062-10-18"},
            "occurred_on 2062-10-18 has not come: only an election, or what is tagged 'planned', "
            "may lie ahead, and by 10 years at most.",
        ),
        (
            {"source_event_id": "2,02601E+12"},
            "source_event_id '2,02601E+12' is an id that a spreadsheet has rounded: format its "
            "column as text and enter the ids again.",
        ),
        (
            {"occurred_on": "1899-12-31"},
            "occurred_on '1899-12-31' is not a day from 1900 to 2100 written YYYY-MM-DD.",
        ),
        (
            {"known_on": "2101-01-01"},
            "known_on '2101-01-01' is not a day from 1900 to 2100 written YYYY-MM-DD.",
        ),
        (
            {"ended_on": "2017-10-17"},
            "ended_on 2017-10-17 is before occurred_on 2017-10-18.",
        ),
        (
            {"date_precision": "year"},
            "date_precision 'year' is not one of day, week, month.",
        ),
        ({"country": ""}, "country is empty."),
        ({"country": "Atlantis"}, "country 'Atlantis' is not a country of ISO 3166."),
        (
            {"latitude": "6.1"},
            "latitude and longitude must both be given, or neither.",
        ),
        (
            {"latitude": "91", "longitude": "1"},
            "latitude is not a number from -90 to 90.",
        ),
        (
            {"latitude": "6", "longitude": "nan"},
            "longitude is not a number from -180 to 180.",
        ),
        (
            {"location_precision": "street"},
            "location_precision 'street' is not one of place, admin1, country.",
        ),
        (
            {"injured": "-1"},
            "injured '-1' is not a whole number from 0 to 1000000000.",
        ),
        (
            {"arrests": "1.5"},
            "arrests '1.5' is not a whole number from 0 to 1000000000.",
        ),
        (
            {"participants": "1.000"},
            "participants '1.000' may mean 1000 or 1: write it without a separator.",
        ),
        (
            {"participants": ">1,234"},
            "participants '1,234' may mean 1234 or 1.234: write it without a separator.",
        ),
        (
            {"latitude": "1.234,5", "longitude": "1"},
            "latitude is not a number from -90 to 90.",
        ),
        (
            {"participants": "1e-09"},
            "participants '1e-09' is not a whole number from 0 to 1000000000.",
        ),
        (
            {"participants": "many"},
            "participants 'many' is not a whole number from 0 to 1000000000.",
        ),
        (
            {"participants": "9-5"},
            "participants_low 9 is greater than participants_high 5.",
        ),
        (
            {"fatalities_low": "3", "fatalities_high": "2"},
            "fatalities_low 3 is greater than fatalities_high 2.",
        ),
        ({"deleted": "maybe"}, "deleted 'maybe' is not true or false."),
        (
            {"summary": "a\x00b"},
            "summary holds a NUL character, which no text has: export the file again.",
        ),
        ({"summary": "x" * 100_001}, "summary is longer than 100000 characters."),
    ],
)
def test_a_bad_row_is_refused_and_the_others_go_on(cells: dict[str, str], reason: str) -> None:
    batch = read(GOOD | {"source_event_id": "0"}, GOOD | cells, GOOD | {"source_event_id": "2"})
    assert [(r.line, r.reason) for r in batch.rejected] == [(3, reason)]
    assert batch.events["source_event_id"].tolist() == ["0", "2"]


def test_a_row_of_another_source_is_refused_where_one_is_expected() -> None:
    batch = read_exchange(file_of(GOOD), load_gazetteer(), NOW, source_name="chronicle")
    assert [r.reason for r in batch.rejected] == [
        "source is 'office' where 'chronicle' is expected."
    ]


def test_unknown_columns_are_named_once_and_ignored() -> None:
    columns = (*EXCHANGE_REQUIRED, "mood", "weather")
    body = file_of(GOOD, GOOD | {"source_event_id": "2", "mood": "tense"}, columns=columns)
    batch = read_exchange(body, load_gazetteer(), NOW)
    assert batch.notes == ("Columns not of this format are ignored: 'mood', 'weather'.",)
    assert len(batch.events) == 2


def test_two_contents_of_one_event_known_at_one_time_are_refused() -> None:
    batch = read(
        GOOD,
        GOOD | {"source_event_id": "2"},
        GOOD | {"arrests": "5"},
        GOOD | {"arrests": "6", "known_on": "2017-10-30"},
    )
    assert [r.line for r in batch.rejected] == [2, 4]
    assert {r.reason for r in batch.rejected} == {
        "event 1 of office stands on lines 2, 4 with one known_on and different contents; "
        "keep one, or give the correction its own known_on."
    }
    assert batch.events["line"].tolist() == [3, 5]


def test_the_same_row_again_is_kept_once() -> None:
    batch = read(GOOD, GOOD, GOOD | {"admin1": "Kara"} | {"source_event_id": "2"}, GOOD)
    assert batch.events["line"].tolist() == [2, 4]
    assert batch.skipped == {"the same row again": 2}


def test_a_tombstone_needs_no_content() -> None:
    batch = read(
        {"source": "office", "source_event_id": "1", "deleted": "true", "known_on": "2017-11-01"},
        GOOD | {"source_event_id": "2", "deleted": "TRUE", "known_on": "2017-11-01"},
        {"source": "office", "source_event_id": "3", "deleted": "1", "kind": "?", "country": "?"},
    )
    assert [(r.line, r.reason) for r in batch.rejected] == [
        (4, "a deleted row needs known_on or occurred_on.")
    ]
    assert batch.events["deleted"].tolist() == [True, True]
    assert batch.events["country"].tolist() == ["ZZZ", "TGO"]
    assert batch.events["kind"].tolist() == ["protest", "force"]
    assert batch.coverage == ()


def test_an_event_and_its_deletion_at_one_time_conflict() -> None:
    batch = read(GOOD, GOOD | {"deleted": "true"})
    assert [r.line for r in batch.rejected] == [2, 3]


def test_a_source_speaks_for_its_whole_period_in_each_of_its_countries() -> None:
    batch = read(
        GOOD | {"occurred_on": "2017-09-06"},
        GOOD | {"source_event_id": "2", "country": "BEN", "ended_on": "2017-11-02"},
        GOOD | {"source": "desk", "country": "GHA"},
    )
    first, last, third = date(2017, 9, 4), date(2017, 10, 30), date(2017, 10, 16)
    assert batch.coverage == (
        Coverage("desk", "GHA", third, third),
        Coverage("office", "BEN", first, last),
        Coverage("office", "TGO", first, last),
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"kind": "election", "occurred_on": "2027-01-10"},
        {"occurred_on": "2027-01-10", "tags": "planned"},
        {"kind": "restriction", "ended_on": "2026-06-30"},
        {"occurred_on": "2026-02-01", "ended_on": "2026-03-31", "date_precision": "month"},
    ],
)
def test_what_is_known_ahead_goes_in_and_widens_nothing(cells: dict[str, str]) -> None:
    batch = read(GOOD | {"source_event_id": "2"}, GOOD | cells)
    assert batch.rejected == ()
    assert max(item.last_week for item in batch.coverage) <= NOW.date()


def test_a_day_long_before_the_others_is_kept_and_remarked_and_widens_nothing() -> None:
    batch = read(
        GOOD,
        GOOD | {"source_event_id": "2", "occurred_on": "1917-10-18"},
        GOOD | {"source_event_id": "3", "occurred_on": "2017-10-30"},
    )
    weeks = [(item.first_week, item.last_week) for item in batch.coverage]
    assert weeks == [
        (date(1917, 10, 15), date(1917, 10, 15)),
        (date(2017, 10, 16), date(2017, 10, 30)),
    ]
    assert batch.notes == (
        "office has nothing between 1917-10-18 (line 3) and 2017-10-18 (line 2): the weeks between "
        "count as not watched; check both days.",
    )
    assert len(batch.events) == 3


def test_a_semicolon_file_of_a_french_spreadsheet() -> None:
    body = (
        "source;source_event_id;kind;occurred_on;country;latitude;longitude;participants\r\n"
        "desk;1;protest;2026-01-05 00:00:00;TGO;6,137;1,21;1\u202f200\r\n"
    )
    batch = read_exchange(
        body.encode("cp1252", "replace").replace(b"?", b"\xa0"), load_gazetteer(), NOW
    )
    (event,) = batch.events.to_dict("records")
    assert (event["latitude"], event["longitude"], event["region"]) == (6.137, 1.21, "TG-M")
    assert (event["participants_low"], event["occurred_on"]) == (1200, pd.Timestamp("2026-01-05"))


def test_the_mass_mobilization_file_goes_in_whole(shared_data: Callable[[str], Path]) -> None:
    body = shared_data("events_mass_mobilization.csv.gz").read_bytes()
    batch = read_exchange(body, load_gazetteer(), NOW)
    assert (len(batch.events), batch.rejected, sum(batch.skipped.values())) == (13_032, (), 0)
    placed = batch.events["region"] != batch.events["country"]
    assert placed.sum() == 8_015  # of 8,022 with an admin1; the seven are named in notes
    assert len(batch.notes) == 5
    EVENT_SCHEMA.validate(batch.events)


CELL = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "2017-10-18", "TGO", "1", "-1", "1e999", "nan", ">", "3-", '"', "\n"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(EXCHANGE_COLUMNS), CELL), max_size=4))
def test_every_row_of_any_cells_is_an_event_or_refused(rows: list[dict[str, str]]) -> None:
    written = [
        {name: cell.encode("utf-8", "ignore").decode() for name, cell in (GOOD | row).items()}
        for row in rows
    ]
    batch = read(*written)
    assert len(batch.events) + len(batch.rejected) + batch.skipped.total() == len(rows)
    EVENT_SCHEMA.validate(batch.events)


def test_a_position_that_cannot_be_meant_is_remarked_and_not_kept() -> None:
    header = "source,source_event_id,kind,occurred_on,country,admin1,place,latitude,longitude\n"
    row = "desk,{},protest,2024-01-02,TGO,{}\n"
    body = header + "".join(
        row.format(number, rest)
        for number, rest in enumerate(
            [",,0,0", ",Lom\u00e9,0.0,0", "Kara,,1.19,9.55", ",,1.22,6.13", ",,6.13,1.22"]
        )
    )
    batch = read_exchange(body.encode(), load_gazetteer(), NOW)
    assert batch.rejected == ()
    events = batch.events
    assert events["region"].tolist() == ["TGO", "TG-M", "TG-K", "TGO", "TG-M"]
    assert events["latitude"].isna().tolist() == [True, True, True, True, False]
    assert events["location_precision"].tolist()[-1] == "place"
    assert (
        "lines 2, 3: the position 0, 0 means that none is known; it was not stored." in batch.notes
    )


@pytest.mark.parametrize(
    "cells",
    [
        {"latitude": "6.1374561N", "longitude": "1.2123456"},
        {"latitude": "6.1374561", "longitude": "1.2123456E"},
        {"latitude": "5.1374561", "longitude": "1.2123456"},  # at sea
        {"latitude": "6.1374561", "longitude": "35.2123456"},  # abroad
        {"admin1": "6.1374561, 1.2123456"},
        {"place": "Home 6.1374561/1.2123456"},
        {"place": "N 6.1374561"},
        {"summary": "They met at @6.1374,1.2123 as told"},
        {"tags": "lat:6.1374561;response:beating"},
        {"kind": "6.1374561, 1.2123456"},
        {"occurred_on": "6.1374561 1.2123456"},
        {"country": "6.1374561, 1.2123456"},
        {"source_event_id": "6.1374561-1.2123456"},
        {"source_url": "https://maps.example/@6.1374561,1.2123456"},
        {"6.1374561, 1.2123456": "x"},
    ],
)
def test_a_position_is_quoted_nowhere_and_kept_in_no_text(cells: dict[str, str]) -> None:
    batch = read_exchange(
        file_of(GOOD | cells, columns=tuple(dict.fromkeys([*EXCHANGE_COLUMNS, *cells]))),
        load_gazetteer(),
        NOW,
    )
    assert batch.rejected or batch.notes or "source_url" in cells
    texts = [*batch.notes, *(row.reason for row in batch.rejected)]
    kept = batch.events.drop(columns=["latitude", "longitude"]).to_string()
    assert not any(digits in text for text in [*texts, kept] for digits in ("1374", "2123"))


def test_a_text_with_a_position_is_left_out_and_its_row_stays() -> None:
    position = "6.1374561, 1.2123456"
    batch = read(
        GOOD | {"place": position, "admin1": "Maritime", "summary": "A march of 1,200 to 1,500."},
        GOOD | {"source_event_id": "2", "place": f"Home {position}"},
        GOOD | {"source_event_id": "3", "tags": "lat:6.1374;response:beating"},
    )
    assert batch.events["place"].isna().all()
    assert batch.events["region"].tolist() == ["TG-M", "TGO", "TGO"]
    assert batch.events["summary"].iloc[0] == "A march of 1,200 to 1,500."
    assert batch.events["tags"].tolist() == ["", "", "response:beating"]
    assert batch.notes[:2] == (
        "lines 2, 3: place holds a position; it was not stored.",
        "line 4: tags hold a position; it was not stored.",
    )


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://news.example.org/kossi-invented?at=6.13", "news.example.org"),
        ("HTTP://News.Example.org:8080", "news.example.org"),
        ("news.example.org", "news.example.org"),
        ("https://actualités.example/a", "actualités.example"),
    ],
)
def test_of_an_address_the_host_alone_is_kept(address: str, host: str) -> None:
    assert only(source_url=address)["source_url"] == host


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "kossi@x.tg", "Kossi Invented, tel 90 12 34 56", "https:///"),
        *("https://kossi:pw@x.tg/a", "http:javascript", "ftp://x.tg", "https://90123456", "x"),
        *("mailto:kossi@x.tg", "https://6.1374561.1.2123456/", "https://[", "file:///etc/x.tg"),
        "https://x.tg/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_left_out_and_its_row_stays(address: str) -> None:
    batch = read(GOOD | {"source_url": address})
    assert batch.events["source_url"].isna().all()
    assert len(batch.events) == 1
    assert batch.notes == (
        "line 2: source_url is not a web address (http or https, a host, no login); it was not "
        "stored.",
    )


def test_a_position_abroad_is_remarked_once() -> None:
    batch = read(GOOD | {"latitude": "35.71", "longitude": "51.41", "admin1": "Kara"})
    assert batch.notes == ("line 2: the position is in IRN, far from TGO; it was not stored.",)
    assert batch.events["region"].tolist() == ["TG-K"]
