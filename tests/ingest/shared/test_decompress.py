"""Tests of unpacking plain, gzip and zip files, whole or as a stream, within limits of size."""

import gzip
import io
import zipfile
from collections.abc import Callable

import pytest

from ewarn.errors import RecordRejected
from ingest.shared import decompress
from ingest.shared.decompress import check_zip, lines_of, opened, text_of, unpacked

TEXT = b"a\tb\r\nc\td\n\nlast"


def zipped(*texts: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        for number, text in enumerate(texts):
            archive.writestr(f"folder/{number}.csv", text)
    return body.getvalue()


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zipped])
def test_it_is_the_same_file_however_it_was_packed(pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(pack(TEXT)) == TEXT
    assert list(lines_of(pack(TEXT))) == [b"a\tb\r\n", b"c\td\n", b"\n", b"last"]
    with opened(pack(TEXT)) as stream:
        assert (stream.read(3), stream.read(), stream.read()) == (TEXT[:3], TEXT[3:], b"")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (zipped(TEXT)[:-30], "archive is damaged"),
        (zipped(TEXT * 99)[:85] + b"\xff\xff\xff" + zipped(TEXT * 99)[88:], "archive is damaged"),
        (gzip.compress(TEXT, mtime=0)[:-9], "archive is damaged"),
        (b"\x1f\x8bnonsense", "archive is damaged"),
        (b"PK\x03\x04", "archive is damaged"),
        (zipped(), "holds 0 files"),
        (zipped(TEXT, TEXT), "holds 2 files"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(RecordRejected, match=message):
        unpacked(body)
    with pytest.raises(RecordRejected, match=message):
        list(lines_of(body))


def test_a_zip_bomb_is_known_by_what_it_promises() -> None:
    bomb = zipped(b"0" * (4 << 20))
    for use in (unpacked, check_zip):
        with pytest.raises(RecordRejected, match="would unpack to 4194304 bytes: too many"):
            use(bomb)
    check_zip(zipped(TEXT))
    with pytest.raises(RecordRejected, match="archive is damaged"):
        check_zip(TEXT)


def test_a_gzip_bomb_is_cut_off_as_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = gzip.compress(b"0" * (2 << 20))
    monkeypatch.setattr(decompress, "MAX_WHOLE", 1 << 20)
    with pytest.raises(RecordRejected, match="more than 1 MiB"):
        unpacked(bomb)
    monkeypatch.setattr(decompress, "MAX_STREAMED", 1 << 20)
    with opened(bomb) as stream, pytest.raises(RecordRejected, match="more than 1 MiB"):
        list(iter(lambda: stream.read(1 << 16), b""))


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompress, "MAX_LINE", 1 << 16)
    with pytest.raises(RecordRejected, match="has a line over"):
        list(lines_of(gzip.compress(b"fine\n" + b"x" * (1 << 17))))


def test_text_is_utf_8_or_what_windows_writes() -> None:
    assert [text_of(line) for line in ("Lomé".encode(), "Lomé".encode("cp1252"))] == ["Lomé"] * 2
    assert text_of(b"\xef\xbb\xbfid") == "id"
