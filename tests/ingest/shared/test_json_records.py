"""Tests of JSON as providers send it: damaged, in other encodings, with all kinds of numbers."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ewarn.errors import RecordRejected
from ingest.shared.json_records import cells_of, read_json, whole_number


def test_utf_8_is_read_without_a_remark_and_latin_1_with_one() -> None:
    assert read_json('{"a": "Lomé"}'.encode()) == ({"a": "Lomé"}, ())
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == ({"a": 1}, ())
    document, notes = read_json('{"a": "Lomé"}'.encode("latin-1"))
    assert document == {"a": "Lomé"}
    assert "Latin-1" in notes[0]


@pytest.mark.parametrize("body", [b"", b'{"a": [1, 2', b"<html>", b"{'a': 1}", b"[" * 5000, b"NaN"])
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(RecordRejected, match="not JSON"):
        read_json(body)


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        document, notes = read_json(body)
    except RecordRejected as refused:
        said = str(refused)
    else:
        said = json.dumps(document)
        assert all(notes)
    assert said


def test_values_become_text() -> None:
    record = {"a": 3, "b": 3.0, "c": "3", "d": 3.5, "e": None, "f": True, "g": " x\x00y\u0085 "}
    cells = cells_of(record, [*record, "h"])
    assert list(cells.values()) == ["3", "3", "3", "3.5", "", "true", "x y", ""]


@pytest.mark.parametrize("value", [[1], {"a": 1}, "x" * 1001, "x" * 10_000_000])
def test_what_is_no_cell_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(RecordRejected, match=r"^a is "):
        cells_of({"a": value}, ["a"])
    assert cells_of({"a": value, "b": 1}, ["b"]) == {"b": "1"}, "nobody asked for it"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        *[("12", 12), (12, 12), (0, 0), ("0012", 12), (-1, None), (True, None), ("1.5", None)],
        *[(1.0, None), (None, None), ("", None), ("1" * 19, None), ("٣", None), ([], None)],
    ],
)
def test_whole_numbers(value: object, number: int | None) -> None:
    assert whole_number(value) == number


def test_a_number_that_is_told_in_full_stays_itself() -> None:
    assert cells_of(json.loads('{"a": 1731628800}'), ["a"]) == {"a": "1731628800"}
