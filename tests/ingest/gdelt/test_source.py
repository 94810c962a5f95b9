"""Tests of GDELT over HTTP, with a server on this machine that serves its lists and misbehaves."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest

from ewarn.domain.source import Payload, Unread
from ewarn.errors import SourceError, SourceRefused, SourceUnreachable
from ewarn.places.gazetteer import load_gazetteer
from ingest.gdelt import source as gdelt
from ingest.gdelt.files import SLOT
from ingest.gdelt.source import GdeltSource
from ingest.shared import decompress
from ingest.shared import web as asking
from ingest.shared.web import Web
from tests.ingest.gdelt.provider import line, listing, md5, publish, zip_of
from tests.provider import Provider, Reply

NEWEST = "20191024143000.export.CSV.zip"
TRANSLATED = "20191024143000.translation.export.CSV.zip"
NOW = datetime(2019, 10, 24, 14, 35, tzinfo=UTC)


@pytest.fixture
def source(provider: Provider, web: Web) -> GdeltSource:
    publish(provider, NEWEST, zip_of())
    return GdeltSource(web, url=provider.url, history_url=f"{provider.url}/events")


def names(items: Iterable[Payload | Unread]) -> list[str]:
    return [item.name for item in items]


def serve_all(provider: Provider) -> None:
    """Every slot has a file."""
    provider.otherwise = lambda _: Reply(zip_of())


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2019, 10, day, hour, minute, tzinfo=UTC)


def test_the_newest_file_is_fetched_untouched(provider: Provider, source: GdeltSource) -> None:
    (payload,) = source.fetch(None, NOW)
    assert isinstance(payload, Payload)
    assert (payload.source, payload.name, payload.fetched_at) == ("gdelt", NEWEST, NOW)
    assert payload.body == provider.answers[f"/{NEWEST}"][0].body
    assert payload.first_day == payload.last_day == date(2019, 10, 24)
    assert payload.published_at == at(14, 30)


def test_a_file_already_read_is_not_fetched_again(provider: Provider, source: GdeltSource) -> None:
    assert list(source.fetch(at(14, 30), NOW)) == []
    assert provider.asked == ["/lastupdate.txt"]


def test_missed_slots_are_made_up_for_and_gaps_are_told(
    provider: Provider, source: GdeltSource
) -> None:
    provider.answers["/20191024140000.export.CSV.zip"] = [Reply(zip_of())]
    first, gap, last = source.fetch(at(13, 50), NOW)
    assert [first.name, last.name] == ["20191024140000.export.CSV.zip", NEWEST]
    assert isinstance(gap, Unread)
    assert gap.name == "20191024141500.export.CSV.zip"
    assert gap.reason == "GDELT published no file for 2019-10-24 14:15 UTC."
    assert gap.published_at == at(14, 15)


def test_a_gap_of_any_length_is_made_up_for_oldest_first_in_lots(
    provider: Provider, source: GdeltSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gdelt, "SLOTS_AT_ONCE", 8)
    serve_all(provider)
    since = at(10)
    lots = []
    while lot := [item for item in source.fetch(since, NOW) if isinstance(item, Payload)]:
        lots.append(len(lot))
        marks = [since + number * SLOT for number in range(1, len(lot) + 1)]
        assert [item.published_at for item in lot] == marks
        since = marks[-1]
    assert lots == [8, 8, 2]
    assert since == at(14, 30)


def test_a_lot_counts_slots_so_that_a_long_gap_is_asked_for_in_lots_too(
    provider: Provider, source: GdeltSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gdelt, "SLOTS_AT_ONCE", 4)
    lot = list(source.fetch(at(10), NOW))
    assert [item.published_at for item in lot] == [at(10, 15), at(10, 30), at(10, 45), at(11)]
    assert all(isinstance(item, Unread) for item in lot)
    assert names(source.fetch(at(14, 15), NOW)) == [NEWEST]


def test_a_damaged_file_stops_none_after_it(provider: Provider, source: GdeltSource) -> None:
    serve_all(provider)
    provider.answers["/20191024140000.export.CSV.zip"] = [Reply(b"<html>Oops</html>")]
    provider.answers["/20191024141500.export.CSV.zip"] = [Reply(b"", 410)]
    damaged, refused, good = source.fetch(at(13, 45), NOW)
    assert isinstance(damaged, Unread)
    assert "archive is damaged" in damaged.reason
    assert isinstance(refused, Unread)
    assert "HTTP 410" in refused.reason
    assert (damaged.published_at, good.name) == (at(14), NEWEST)


def test_a_provider_that_fails_midway_keeps_what_came_before(
    provider: Provider, source: GdeltSource
) -> None:
    provider.answers["/20191024140000.export.CSV.zip"] = [Reply(zip_of())]
    provider.answers["/20191024141500.export.CSV.zip"] = [Reply(b"", 503)]
    items = source.fetch(at(13, 45), NOW)
    assert next(items).name == "20191024140000.export.CSV.zip"
    with pytest.raises(SourceUnreachable):
        next(items)


def test_a_file_is_fetched_again_by_its_name(provider: Provider, source: GdeltSource) -> None:
    again = source.fetch_again(NEWEST, NOW)
    assert isinstance(again, Payload)
    assert again.published_at == at(14, 30)
    provider.answers["/events/20140301.export.CSV.zip"] = [Reply(zip_of())]
    daily = source.fetch_again("20140301.export.CSV.zip", NOW)
    assert daily.published_at == datetime(2014, 3, 1, tzinfo=UTC)
    gone = source.fetch_again("20191024141500.export.CSV.zip", NOW)
    assert isinstance(gone, Unread)
    assert gone.reason == "GDELT published no file for 2019-10-24 14:15 UTC."
    with pytest.raises(SourceRefused, match="is not the name of a GDELT export file"):
        source.fetch_again("../passwd", NOW)


def test_a_wrong_checksum_is_tried_once_more(provider: Provider, source: GdeltSource) -> None:
    good = zip_of()
    provider.answers[f"/{NEWEST}"] = [Reply(good[:-4]), Reply(good)]
    (payload,) = source.fetch(None, NOW)
    assert isinstance(payload, Payload)


def test_a_wrong_checksum_twice_is_unread(provider: Provider, source: GdeltSource) -> None:
    publish(provider, NEWEST, zip_of(), digest="0" * 32)
    (item,) = source.fetch(None, NOW)
    assert isinstance(item, Unread)
    assert "does not have the MD5 it is listed with, twice" in item.reason
    assert provider.asked.count(f"/{NEWEST}") == 2


def test_a_listing_from_the_future_is_waited_for_or_refused(source: GdeltSource) -> None:
    slow = at(14, 20)  # our clock is some minutes behind: what is listed is read in its time
    assert list(source.fetch(at(14, 15), slow)) == []
    with pytest.raises(SourceRefused, match="is in the future: check this machine's clock"):
        list(source.fetch(at(10), at(13)))


def test_a_slot_with_translations_is_read_when_both_are_there(provider: Provider, web: Web) -> None:
    source = GdeltSource(web, url=provider.url, translated=True)
    publish(provider, "20191024144500.export.CSV.zip", zip_of())
    publish(provider, TRANSLATED, zip_of(), feed="-translation")
    provider.answers[f"/{NEWEST}"] = [Reply(zip_of())]
    found = list(source.fetch(at(14, 15), at(14, 50)))
    assert names(found) == [NEWEST, TRANSLATED]
    # The first of a slot does not move the cursor to it; its last one does.
    assert [item.published_at for item in found] == [at(14, 15), at(14, 30)]


def test_translations_that_gdelt_left_out_hold_nothing_up(provider: Provider, web: Web) -> None:
    source = GdeltSource(web, url=provider.url, translated=True)
    publish(provider, NEWEST, zip_of())
    publish(provider, TRANSLATED, zip_of(), feed="-translation")
    provider.answers["/20191024141500.export.CSV.zip"] = [Reply(zip_of())]
    first, gap, *others = source.fetch(at(14), NOW)
    assert first.name == "20191024141500.export.CSV.zip"
    assert isinstance(gap, Unread)
    assert (gap.name, gap.published_at) == ("20191024141500.translation.export.CSV.zip", at(14, 15))
    assert names(others) == [NEWEST, TRANSLATED]


def test_a_translated_story_is_another_than_the_english_one(
    provider: Provider, source: GdeltSource
) -> None:
    body = zip_of(line() + "\n")
    ids = set()
    for name in (NEWEST, TRANSLATED):
        (batch,) = source.parse(Payload("gdelt", name, body, NOW), load_gazetteer())
        ids |= set(batch.events["source_event_id"])
    assert len(ids) == 2


def test_a_provider_that_recovers_is_waited_for(provider: Provider, source: GdeltSource) -> None:
    provider.answers["/lastupdate.txt"][:0] = [Reply(b"", 503), Reply(b"", 429)]
    assert len(list(source.fetch(None, NOW))) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_provider_that_is_down_is_unreachable(
    provider: Provider, source: GdeltSource, status: int
) -> None:
    provider.answers["/lastupdate.txt"] = [Reply(b"", status)]
    with pytest.raises(SourceUnreachable, match=f"did not answer after 3 tries .HTTP {status}"):
        list(source.fetch(None, NOW))
    assert len(provider.asked) == 3


def test_nobody_there_is_unreachable(provider: Provider, web: Web) -> None:
    nobody = GdeltSource(web, url="http://127.0.0.1:9")
    with pytest.raises(SourceUnreachable):
        list(nobody.fetch(None, NOW))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Reply(b"<html>We have moved</html>", 200), "lists no export file"),
        (Reply(b"", 200), "lists no export file"),
        (Reply(b"", 403), "answered HTTP 403"),
        (Reply(b"", 302), "answered HTTP 302"),
        (Reply(b"", 404), "does not exist"),
        (Reply(b"5 " + b"a" * 32 + b" h/20199999999999.export.CSV.zip"), "lists no export file"),
        (Reply(b"99999999999 " + b"a" * 32 + b" h/" + NEWEST.encode()), "too many"),
    ],
)
def test_a_listing_that_is_none_is_refused(
    provider: Provider, source: GdeltSource, answer: Reply, message: str
) -> None:
    provider.answers["/lastupdate.txt"] = [answer]
    with pytest.raises(SourceError, match=message):
        list(source.fetch(None, NOW))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Not found</html>", "archive is damaged"),
        (zip_of()[:-30], "archive is damaged"),
        (zip_of(files=2), "holds 2 files"),
    ],
)
def test_a_file_that_is_no_archive_is_unread_even_if_listed(
    provider: Provider, source: GdeltSource, body: bytes, message: str
) -> None:
    publish(provider, NEWEST, body)
    (item,) = source.fetch(None, NOW)
    assert isinstance(item, Unread)
    assert message in item.reason


@pytest.mark.parametrize("limit", [("MAX_STREAMED", 1 << 20), ("MAX_RATIO", 200)])
def test_a_zip_bomb_is_not_read(
    provider: Provider,
    source: GdeltSource,
    monkeypatch: pytest.MonkeyPatch,
    limit: tuple[str, int],
) -> None:
    """By its size, by its ratio."""
    monkeypatch.setattr(decompress, "MAX_RATIO", 10**9)
    monkeypatch.setattr(decompress, *limit)
    publish(provider, NEWEST, zip_of("0" * (2 << 20)))
    (item,) = source.fetch(None, NOW)
    assert isinstance(item, Unread)
    assert "would unpack to 2097152 bytes" in item.reason


def test_a_flood_is_cut_off(
    provider: Provider, source: GdeltSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_BYTES", 1 << 20)
    provider.answers["/lastupdate.txt"] = [Reply(b"0" * (2 << 20))]
    with pytest.raises(SourceRefused, match="sends more than 1 MiB"):
        list(source.fetch(None, NOW))


# --- lists of what there ever was ----------------------------------------------------------


def master(provider: Provider, *moments: str, feed: str = "", digest: str = "") -> None:
    infix = "translation." if feed else ""
    body = zip_of()
    lines = [(f"{m}.{infix}export.CSV.zip", body, digest or md5(body)) for m in moments]
    provider.answers[f"/masterfilelist{feed}.txt"] = [Reply(b"\ngarbage\n" + listing(*lines))]


def test_the_master_list_names_the_files_of_some_days(
    provider: Provider, source: GdeltSource
) -> None:
    wanted = ["20160101000000", "20160101234500", "20160102120000"]
    master(provider, "20151231234500", *wanted, "20160103000000")
    found = list(source.listed(date(2016, 1, 1), date(2016, 1, 2), NOW))
    assert [item.name[:14] for item in found] == wanted
    assert {item.md5 for item in found} == {md5(zip_of())}
    assert found[0].published_at == datetime(2016, 1, 1, tzinfo=UTC)
    assert (found[0].size, found[0].span) == (len(zip_of()), timedelta(minutes=15))


def test_translations_are_listed_between_the_others(provider: Provider, web: Web) -> None:
    master(provider, "20160101000000", "20160101001500")
    master(provider, "20160101000000", feed="-translation")
    source = GdeltSource(web, url=provider.url, translated=True)
    found = list(source.listed(date(2016, 1, 1), date(2016, 1, 2), NOW))
    assert [item.name[:18] for item in found] == [
        "20160101000000.exp",
        "20160101000000.tra",
        "20160101001500.exp",
    ]
    # A week is observed by its slots, however many files tell of them.
    assert sum((item.span for item in found), timedelta(0)) == timedelta(minutes=30)


def test_a_listed_file_is_checked_against_its_checksum(
    provider: Provider, source: GdeltSource
) -> None:
    serve_all(provider)
    master(provider, "20160101000000")
    (good,) = source.listed(date(2016, 1, 1), date(2016, 1, 1), NOW)
    assert isinstance(source.fetch_listed(good, NOW), Payload)
    master(provider, "20160101000000", digest="0" * 32)
    (bad,) = source.listed(date(2016, 1, 1), date(2016, 1, 1), NOW)
    assert isinstance(source.fetch_listed(bad, NOW), Unread)


HISTORIC = ("1979.zip", "2005.zip", "200601.zip", "201303.zip")
DAYS = ("20130401.export.CSV.zip", "20150217.export.CSV.zip", "20150218.export.CSV.zip")


def history(provider: Provider) -> None:
    """The lists of 1.0: newest first, as GDELT has them, with other files between."""
    all_names = [*HISTORIC, *DAYS, "20150219.export.CSV.zip", "GDELT.MASTERREDUCEDV2.1979-2013.zip"]
    body = zip_of()
    sums = "".join(f"{md5(body)}  {name}\n" for name in reversed(all_names))
    sizes = "".join(f"{len(body)} {name}\n" for name in reversed(all_names))
    provider.answers["/events/md5sums"] = [Reply(sums.encode())]
    provider.answers["/events/filesizes"] = [Reply(f"15 \n{sizes}".encode())]


@pytest.mark.parametrize(
    ("since", "until", "wanted"),
    [
        (date(1979, 6, 1), date(1979, 7, 1), ["1979.zip"]),
        (date(2005, 12, 31), date(2006, 1, 1), ["2005.zip", "200601.zip"]),
        (date(2013, 3, 31), date(2013, 4, 1), ["201303.zip", DAYS[0]]),
        (date(2015, 2, 17), date(2015, 2, 18), list(DAYS[1:])),
    ],
)
def test_before_2015_the_files_of_1_0_are_listed(
    provider: Provider, source: GdeltSource, since: date, until: date, wanted: list[str]
) -> None:
    history(provider)
    found = list(source.listed(since, until, NOW))
    assert [item.name for item in found] == wanted
    assert all(item.md5 == md5(zip_of()) for item in found)
    whole = timedelta(days=1)
    assert all(item.span == item.last_day - item.first_day + whole for item in found)


def test_the_two_versions_meet_without_a_gap_or_an_overlap(
    provider: Provider, source: GdeltSource
) -> None:
    history(provider)
    master(provider, "20150218230000", "20150218234500", "20150219000000", "20150219001500")
    found = [item.name for item in source.listed(date(2015, 2, 18), date(2015, 2, 19), NOW)]
    slots = ["20150219000000.export.CSV.zip", "20150219001500.export.CSV.zip"]
    assert found == [DAYS[-1], *slots]


# --- archives ------------------------------------------------------------------------------


def test_a_payload_hides_its_body() -> None:
    assert "body" not in repr(Payload("gdelt", "x", b"secret", NOW))
