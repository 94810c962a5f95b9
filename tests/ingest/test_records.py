"""Files that become records: physical lines, bytes that are no text, and bombs."""

import gzip
from collections.abc import Callable

import pytest

from ewarn.errors import InputError
from ewarn.frames.events import EXCHANGE_REQUIRED
from ewarn.places.gazetteer import load_gazetteer
from ingest.exchange import read_exchange

HEADER = ",".join([*EXCHANGE_REQUIRED, "summary"])


def file_of(*summaries: str) -> bytes:
    """A file of good rows with these summaries."""
    lines = [f"office,{n},force,2017-10-18,TGO,{text}" for n, text in enumerate(summaries)]
    return "\n".join([HEADER, *lines, ""]).encode()


def test_lines_are_physical_lines() -> None:
    body = (
        f"{HEADER}\r\n"
        'office,1,force,2017-10-18,TGO,"first\nsecond\r\nthird"\r\n'
        "\r\n"
        "office,2,force,yesterday,TGO,\r\n"
        "office,3,force,2017-10-18\r\n"
        'office,4,force,2017-10-18,TGO,"a "quoted" word"\r\n'
        "office,5,force,2017-10-18,TGO,\r\n"
        'office,6,force,2017-10-18,TGO,"never closed\r\n'
        "office,7,force,2017-10-18,TGO,\r\n"
    ).encode()
    batch = read_exchange(body, load_gazetteer())
    assert batch.events["line"].tolist() == [2, 9]
    assert batch.events["summary"].tolist()[0] == "first second third"
    assert [r.line for r in batch.rejected] == [6, 7, 8, 10]
    assert batch.rejected[1].reason == "it has 4 cells where the header has 6."
    assert batch.rejected[2].reason.startswith("its quotes do not match")
    assert batch.rejected[3].reason == (
        "a quote opened in it is never closed, up to the end of the file (line 11)."
    )


def test_bytes_that_are_not_utf_8_refuse_their_row_alone() -> None:
    body = file_of("Lomé", "é")
    batch = read_exchange(body.replace("Lomé".encode(), b"Lom\xe9"), load_gazetteer())
    assert [(r.line, r.reason) for r in batch.rejected] == [
        (2, "summary holds bytes that are not UTF-8 text.")
    ]
    assert batch.events["summary"].tolist() == ["é"]


@pytest.mark.parametrize(
    "pack", [lambda body: body, gzip.compress, lambda body: b"\xef\xbb\xbf" + body]
)
def test_plain_gzip_and_with_a_byte_order_mark(pack: Callable[[bytes], bytes]) -> None:
    batch = read_exchange(pack(file_of("")), load_gazetteer())
    assert len(batch.events) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "lacks the required columns source, source_event_id, kind, occurred_on, country"),
        (b"source,kind,country\n", "lacks the required columns source_event_id, occurred_on: "),
        (b"source;kind;country\n", "separated by commas"),
        (b"source,source\n", "names source twice"),
        ("sourcé".encode("latin-1"), "not UTF-8"),
        ("source,kind".encode("utf-16"), "not UTF-8"),
        (b'"source', "header on line 1 cannot be read"),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], "archive is damaged"),
        (b"\x1f\x8bnonsense", "archive is damaged"),
    ],
)
def test_a_file_that_is_not_this_format(body: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_exchange(body, load_gazetteer())


def test_a_field_past_all_bounds_is_refused_by_line() -> None:
    batch = read_exchange(file_of("x" * 200_000, ""), load_gazetteer())
    assert [r.line for r in batch.rejected] == [2]
    assert batch.rejected[0].reason == "a field is longer than 100000 characters."
    assert len(batch.events) == 1
