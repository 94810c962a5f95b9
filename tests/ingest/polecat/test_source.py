"""Tests of POLECAT: one event for each event of its rows, and files fetched with a key."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings

from ewarn.domain.crosswalk import PLOVER, from_plover
from ewarn.domain.source import Coverage, Payload, Unread
from ewarn.errors import RecordRejected, SourceDenied, SourceRefused, SourceUnreachable
from ewarn.frames.events import ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.polecat import rows as polecat_rows
from ingest.polecat.rows import read_rows
from ingest.polecat.source import PolecatSource
from ingest.shared.web import AddressNotFound, Web
from tests.damage import damaged
from tests.ingest.polecat.provider import COLUMNS, LISTING, publish, story, tab_of
from tests.provider import Provider, Reply

NOW = datetime(2018, 1, 10, tzinfo=UTC)
KEY = "an invented key"


def batches(body: bytes) -> list[ParsedBatch]:
    return list(read_rows(body, load_gazetteer()))


def events(body: bytes) -> list[dict[str, Any]]:
    found = [row for batch in batches(body) for row in batch.events.to_dict("records")]
    return [{str(name): value for name, value in row.items()} for row in found]


def one(**cells: str) -> dict[str, Any]:
    (row,) = events(tab_of(story(1, **cells)))
    return row


def told(**cells: str) -> ParsedBatch:
    """What is said of a row that is no event."""
    return batches(tab_of(story(1, **cells)))[0]


@pytest.mark.parametrize(
    ("type_", "mode", "kind"),
    [
        ("PROTEST", "demo", "protest"),
        ("PROTEST", "", "protest"),
        ("PROTEST", "obstruct", "protest"),
        ("PROTEST", "riot", "riot"),
        ("PROTEST", "demo;riot", "riot"),
        ("PROTEST", "strike", "strike"),
        ("COERCE", "arrest", "arrest"),
        ("COERCE", "seize;arrest", "arrest"),
        ("COERCE", "martial-law", "restriction"),
        ("COERCE", "curfew", "restriction"),
        ("COERCE", "censor", "restriction"),
        ("COERCE", "ban", "restriction"),
        ("COERCE", "restrict", "restriction"),
        ("ASSAULT", "firearms", "attack"),
        ("ASSAULT", "None", "attack"),
        ("ASSAULT", "crowd-control", "force"),
        ("RETREAT", "release", "dialogue"),
    ],
)
def test_a_type_and_its_mode_are_a_kind(type_: str, mode: str, kind: str) -> None:
    assert one(**{"Event Type": type_, "Event Mode": mode})["kind"] == kind


@pytest.mark.parametrize(
    ("type_", "mode"),
    [("COERCE", "seize"), ("COERCE", "None"), ("AGREE", ""), ("RETREAT", "return"), ("", "arrest")],
)
def test_what_is_no_kind_of_ours_is_skipped(type_: str, mode: str) -> None:
    batch = told(**{"Event Type": type_, "Event Mode": mode})
    assert batch.skipped == {"not a tracked kind": 1}


def test_the_crosswalk_spells_modes_as_the_codebook_does() -> None:
    for name in PLOVER:
        type_, _, mode = name.partition(":")
        assert type_.isupper()
        assert mode == mode.lower()
        assert from_plover(type_, [mode]) is PLOVER[name]


def test_days_are_those_of_the_event_and_it_is_known_with_its_story() -> None:
    row = one()
    assert row["occurred_on"].date() == row["ended_on"].date() == date(2017, 12, 29)
    assert row["known_at"] == datetime(2017, 12, 30, tzinfo=UTC)
    assert row["known_at_estimated"] is False


@pytest.mark.parametrize(
    ("published", "reason"),
    [("2017-12-28", "dated after its story"), ("2018-03-01", "old news")],
)
def test_announcements_and_anniversaries_are_no_events(published: str, reason: str) -> None:
    assert told(**{"Publication Date": published}).skipped == {reason: 1}


@pytest.mark.parametrize(
    ("cells", "region", "precision"),
    [
        ({}, "TG-M", "place"),
        ({"Feature Type": "ADM1", "City": "None"}, "TG-M", "admin1"),
        ({"Feature Type": "PCLI"}, "TGO", "country"),
        ({"Feature Type": "None", "City": "None"}, "TG-M", "admin1"),
        ({"Feature Type": "None", "City": "None", "Province": "None"}, "TGO", "country"),
        ({"Latitude": "None", "Longitude": "None"}, "TG-M", "place"),
        ({"Latitude": "48.8", "Longitude": "2.3"}, "TG-M", "place"),
        ({"Latitude": "48.8", "Longitude": "2.3", "Province": "None"}, "TGO", "country"),
    ],
)
def test_places_are_as_exact_as_their_feature(
    cells: dict[str, str], region: str, precision: str
) -> None:
    row = one(**cells)
    assert (row["region"], row["location_precision"]) == (region, precision)
    has_position = precision != "country" and cells.get("Latitude") != "None"
    assert pd.notna(row["latitude"]) == has_position


def test_an_election_is_a_tag() -> None:
    assert one(Contexts="pro-democracy; election")["tags"] == "context:election"
    assert one()["tags"] == ""


def test_stories_of_one_event_are_one_event_known_since_the_first() -> None:
    body = tab_of(
        story(1, **{"Publication Date": "2017-12-31"}),
        story(2, **{"Source": "another", "Actor Name": "Other Person"}),
        story(3, **{"Publication Date": "2018-01-02"}),
        story(4, **{"Recipient Country": "BEN"}),
        story(5, **{"Event Mode": "riot"}),
        story(6, **{"Event Date": "2017-12-28"}),
    )
    found = events(body)
    assert len(found) == 4
    assert found[0]["known_at"] == datetime(2017, 12, 30, tzinfo=UTC)
    assert found[0]["line"] == 3
    assert batches(body)[0].skipped == {"another story of the same event": 2}


def test_an_event_keeps_its_id_in_every_file() -> None:
    later = story(9, **{"Publication Date": "2018-01-04", "Source": "another"})
    assert one()["source_event_id"] == events(tab_of(later))[0]["source_event_id"]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Event Date": "None"}, "Event Date is empty"),
        ({"Event Date": "yesterday"}, "Event Date 'yesterday' is not a day"),
        ({"Publication Date": ""}, "Publication Date is empty"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused(cells: dict[str, str], reason: str) -> None:
    assert reason in told(**cells).rejected[0].reason


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Country": "ZZZ"}, "country 'ZZZ' is not a known country"),
        ({"Latitude": "north"}, "latitude is not a number"),
        ({"Latitude": "None"}, "latitude and longitude must both be given"),
    ],
)
def test_a_place_that_cannot_be_right_is_refused(cells: dict[str, str], reason: str) -> None:
    assert reason in batches(tab_of(story(1, **cells)))[1].rejected[0].reason


def test_a_row_without_a_country_is_skipped() -> None:
    assert told(Country="None").skipped == {"no country": 1}


def test_a_row_with_other_cells_than_the_header_is_refused_by_its_line() -> None:
    body = tab_of(story(1)) + b"too\tfew\n\n" + tab_of(story(2)).split(b"\n", 1)[1]
    first, rest = batches(body)
    assert [row.line for row in first.rejected] == [3]
    assert first.skipped == {"another story of the same event": 1}
    assert rest.events["line"].tolist() == [2]


def test_no_name_of_a_person_is_kept() -> None:
    text = "".join(
        batch.events.to_csv() + str(batch.rejected) + str(batch.notes)
        for batch in batches(tab_of(story(1), story(2, **{"Event Date": "x"})))
    )
    for word in ("Invented", "Person", "Title", "paper", "house"):
        assert word not in text


def packed(body: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("ngecEvents.txt", body)
    return archive.getvalue()


def test_files_come_in_several_forms_and_mean_the_same() -> None:
    plain = events(tab_of(story(1)))
    assert events(packed(tab_of(story(1)))) == plain
    assert events(gzip.compress(tab_of(story(1)))) == plain
    assert events(tab_of(story(1), encoding="latin-1"))[0]["place"] == plain[0]["place"] == "Lomé"
    quoted = tab_of(story(1)).replace(b"\tLom\xc3\xa9\t", b'\t"Lom\xc3\xa9"\t')
    assert events(quoted)[0]["place"] == "Lomé"


def test_a_large_file_comes_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polecat_rows, "BATCH", 2)
    body = tab_of(*(story(n, **{"Event Date": f"2017-12-{n + 10}"}) for n in range(5)))
    assert [len(batch.events) for batch in batches(body)] == [0, 2, 2, 1]


def test_a_file_speaks_for_the_weeks_that_ended_in_it() -> None:
    days = [f"2017-12-{day}" for day in range(19, 27)]
    body = tab_of(*(story(n, **{"Publication Date": day}) for n, day in enumerate(days)))
    expected = Coverage("polecat", "*", date(2017, 12, 18), date(2017, 12, 18))
    assert batches(body)[0].coverage == (expected,)
    assert batches(body)[0].fields == COLUMNS


@pytest.mark.parametrize("body", [b"", b"<html>", b"PK\x03\x04", b"\x1f\x8b\x00", b"a\tb\n"])
def test_what_is_no_file_of_polecat_is_refused(body: bytes) -> None:
    with pytest.raises(RecordRejected):
        batches(body)


GOOD = tab_of(story(1), story(2, Country="BEN"), story(3, **{"Event Type": "COERCE"}))


@given(damaged(GOOD, packed(GOOD), gzip.compress(GOOD, mtime=0)))
@settings(max_examples=200, deadline=None)
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        found = batches(body)
    except RecordRejected:
        return
    number = sum(len(b.events) + len(b.rejected) + b.skipped.total() for b in found)
    if not body.startswith((b"PK", b"\x1f\x8b")):
        lines = [line for line in body.split(b"\n")[1:] if line.rstrip(b"\r")]
        assert number == len(lines)


# --- from Dataverse --------------------------------------------------------------------------

BODY = tab_of(story(1))


@pytest.fixture
def source(provider: Provider, web: Web) -> PolecatSource:
    publish(
        provider,
        ("readme.pdf", "2018-01-01", b"%PDF"),
        ("ngecEvents.2.DV.txt", "2018-01-08", BODY),
        ("ngecEvents.1.DV.txt", "2018-01-01", BODY),
        ("ngecEvents.3.DV.txt", "2018-01-08", BODY + BODY),
        ("ngecEvents.4.DV.txt", "2018-01-09", BODY),
        ("ngecEventsDV-2016.txt.zip", "2017-01-20", packed(BODY)),
    )
    return PolecatSource(web, key=KEY, url=provider.url)


def names(found: Iterator[Payload | Unread]) -> list[str]:
    return [item.name for item in found]


def moment(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2018, 1, day, hour, minute, second, tzinfo=UTC)


def test_files_of_the_last_three_months_come_at_first_oldest_first(
    provider: Provider, source: PolecatSource
) -> None:
    found = list(source.fetch(None, NOW))
    assert names(iter(found)) == [f"ngecEvents.{n}.DV.txt" for n in (1, 2, 3)]
    assert all(request.headers["x-dataverse-key"] == KEY for request in provider.requests)


def test_a_day_is_read_once_it_is_over_and_marked_by_its_last_file(source: PolecatSource) -> None:
    found = list(source.fetch(moment(1), NOW))
    assert [item.published_at for item in found] == [moment(7, 23, 59, 59), moment(8)]
    assert names(source.fetch(moment(7, 23, 59, 59), NOW)) == names(iter(found))
    assert names(source.fetch(moment(8), NOW)) == []
    assert names(source.fetch(moment(8), moment(10, 6))) == ["ngecEvents.4.DV.txt"]


def test_a_file_that_is_not_whole_is_told_and_the_others_come(
    provider: Provider, source: PolecatSource
) -> None:
    provider.answers["/api/access/datafile/2"] = [Reply(BODY[:-1])]
    first, second = source.fetch(moment(1), NOW)
    assert isinstance(first, Unread)
    assert "does not have the MD5" in first.reason
    assert isinstance(second, Payload)


def test_a_file_can_be_had_again_by_its_name(provider: Provider, source: PolecatSource) -> None:
    again = source.fetch_again("ngecEvents.2.DV.txt", NOW)
    assert isinstance(again, Payload)
    assert again.body == BODY
    with pytest.raises(AddressNotFound, match="has no file gone"):
        source.fetch_again("gone", NOW)


def test_the_key_does_not_follow_to_another_host(provider: Provider, source: PolecatSource) -> None:
    elsewhere = provider.url.replace("127.0.0.1", "localhost")
    moved = Reply(b"", 303, {"Location": f"{elsewhere}/storage"})
    provider.answers["/api/access/datafile/3"] = [moved]
    provider.answers["/storage"] = [Reply(BODY)]
    assert names(source.fetch(None, moment(2, 6))) == ["ngecEvents.1.DV.txt"]
    assert "x-dataverse-key" not in provider.requests[-1].headers


def test_an_error_on_the_way_comes_after_what_was_had(
    provider: Provider, source: PolecatSource
) -> None:
    provider.answers["/api/access/datafile/2"] = [Reply(b"", 503)]
    coming = iter(source.fetch(None, NOW))
    assert next(coming).name == "ngecEvents.1.DV.txt"
    with pytest.raises(SourceUnreachable):
        next(coming)


def test_a_key_that_is_not_accepted_is_denied(provider: Provider, source: PolecatSource) -> None:
    provider.answers[LISTING] = [Reply(b"", 401)]
    with pytest.raises(SourceDenied):
        list(source.fetch(None, NOW))


def test_a_listing_without_files_of_events_is_refused(
    provider: Provider, source: PolecatSource
) -> None:
    publish(provider, ("readme.pdf", "2018-01-01", b"%PDF"))
    with pytest.raises(SourceRefused, match=r"lists no file of events but readme\.pdf"):
        list(source.fetch(None, NOW))


def test_without_a_key_it_says_what_to_set(web: Web) -> None:
    assert "EWARN_POLECAT_KEY" in (PolecatSource(web).obstacle or "")
    assert PolecatSource(web, key=KEY).obstacle is None
