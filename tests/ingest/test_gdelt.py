"""GDELT over real HTTP: a server on this machine that speaks lastupdate.txt, and misbehaves."""

import gzip
import hashlib
import io
import zipfile
from datetime import UTC, date, datetime

import pytest

from ewarn.domain.source import Payload
from ewarn.errors import RecordRejected, SourceError, SourceRefused, SourceUnreachable
from ingest import gdelt
from ingest import web as asking
from ingest.gdelt import GdeltSource, unzipped
from ingest.web import Web
from tests.provider import Provider, Reply

NEWEST = "20191024143000.export.CSV.zip"
NOW = datetime(2019, 10, 24, 14, 35, tzinfo=UTC)


def zip_of(text: str = "row\n", *, files: int = 1) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            archive.writestr(zipfile.ZipInfo(f"{number}.export.CSV"), text)
    return packed.getvalue()


def publish(provider: Provider, name: str, body: bytes, *, md5: str | None = None) -> None:
    """Serve a file, and list it as the newest."""
    digest = md5 or hashlib.md5(body).hexdigest()
    base = "http://data.gdeltproject.org/gdeltv2"
    listing = f"{len(body)} {digest} {base}/{name}\n9 {'0' * 32} {base}/x.mentions.CSV.zip\n"
    provider.answers["/lastupdate.txt"] = [Reply(listing.encode())]
    provider.answers[f"/{name}"] = [Reply(body)]


@pytest.fixture
def source(provider: Provider, web: Web) -> GdeltSource:
    publish(provider, NEWEST, zip_of())
    return GdeltSource(web, url=provider.url)


def test_the_newest_file_is_fetched_untouched(provider: Provider, source: GdeltSource) -> None:
    (payload,) = source.fetch(None, NOW)
    assert (payload.source, payload.name, payload.fetched_at) == ("gdelt", NEWEST, NOW)
    assert payload.body == provider.answers[f"/{NEWEST}"][0].body
    assert payload.first_day == payload.last_day == date(2019, 10, 24)


def test_a_file_already_read_is_not_fetched_again(provider: Provider, source: GdeltSource) -> None:
    assert list(source.fetch(datetime(2019, 10, 24, 14, 30, tzinfo=UTC), NOW)) == []
    assert provider.asked == ["/lastupdate.txt"]


def test_missed_slots_are_made_up_for_and_gaps_passed_over(
    provider: Provider, source: GdeltSource, caplog: pytest.LogCaptureFixture
) -> None:
    provider.answers["/20191024140000.export.CSV.zip"] = [Reply(zip_of())]
    since = datetime(2019, 10, 24, 13, 50, tzinfo=UTC)
    names = [payload.name for payload in source.fetch(since, NOW)]
    assert names == ["20191024140000.export.CSV.zip", NEWEST]  # there is none of 14:15
    assert "no file for 2019-10-24T14:15:00+00:00" in caplog.text


def test_a_long_gap_is_made_up_for_a_day_at_most(provider: Provider, source: GdeltSource) -> None:
    payloads = list(source.fetch(datetime(2019, 1, 1, tzinfo=UTC), NOW))
    assert len(payloads) == 1
    assert len(provider.asked) == 1 + 96 + 1
    assert provider.asked[1] == "/20191023143000.export.CSV.zip"


def test_a_wrong_checksum_is_tried_once_more(provider: Provider, source: GdeltSource) -> None:
    good = zip_of()
    provider.answers[f"/{NEWEST}"] = [Reply(good[:-4]), Reply(good)]
    assert len(list(source.fetch(None, NOW))) == 1


def test_a_wrong_checksum_twice_is_refused(provider: Provider, source: GdeltSource) -> None:
    publish(provider, NEWEST, zip_of(), md5="0" * 32)
    with pytest.raises(SourceRefused, match="does not have the MD5 it is listed with, twice"):
        list(source.fetch(None, NOW))
    assert provider.asked.count(f"/{NEWEST}") == 2


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
        (Reply(b"5 " + b"a" * 32 + b" h/20199999999999.export.CSV.zip"), "bears no date"),
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
        (b"<html>Not found</html>", "zip archive is damaged"),
        (zip_of()[:-30], "zip archive is damaged"),
        (zip_of(files=2), "holds 2 files"),
    ],
)
def test_a_file_that_is_no_archive_is_refused_even_if_listed(
    provider: Provider, source: GdeltSource, body: bytes, message: str
) -> None:
    publish(provider, NEWEST, body)
    with pytest.raises(SourceError, match=message):
        list(source.fetch(None, NOW))


def test_a_zip_bomb_is_refused(
    provider: Provider, source: GdeltSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gdelt, "MAX_UNZIPPED", 1 << 20)
    publish(provider, NEWEST, zip_of("0" * (2 << 20)))
    with pytest.raises(SourceRefused, match="would unpack to 2097152 bytes"):
        list(source.fetch(None, NOW))


def test_a_flood_is_cut_off(
    provider: Provider, source: GdeltSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_BYTES", 1 << 20)
    provider.answers["/lastupdate.txt"] = [Reply(b"0" * (2 << 20))]
    with pytest.raises(SourceRefused, match="sends more than 1 MiB"):
        list(source.fetch(None, NOW))


def test_an_archive_unpacks_to_its_one_file() -> None:
    assert unzipped(zip_of("a\tb\n")) == b"a\tb\n"
    assert unzipped(gzip.compress(b"a\tb\n")) == b"a\tb\n"


def test_an_archive_whose_content_is_damaged_is_an_input_error() -> None:
    body = zip_of("a\tb\n" * 100)
    with pytest.raises(RecordRejected, match="damaged"):
        unzipped(body[:45] + b"\xff\xff\xff" + body[48:])


def test_a_payload_hides_its_body() -> None:
    assert "body" not in repr(Payload("gdelt", "x", b"secret", NOW))
