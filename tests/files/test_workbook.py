"""Tests that workbooks are read as text, within limits of memory and time."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from ewarn.errors import InputError
from ewarn.files import workbook
from ewarn.files.workbook import is_workbook, read_workbook

CONTENT_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>'
)


def book(cells: dict[str, object]) -> bytes:
    made = Workbook()
    for name, value in cells.items():
        made.active[name] = value  # type: ignore[index, assignment]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


PLAIN = book({"A1": "a", "B1": "b", "A2": "x", "B2": "y"})


def changed(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The plain workbook with another part of that name."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(PLAIN)) as plain,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for each in plain.namelist():
            part = plain.read(each)
            made.writestr(each, change(part) if each == name else part)
    return file.getvalue()


def rows(body: bytes, most_rows: int = 1000, most_columns: int = 20) -> list[tuple[int, list[str]]]:
    return list(read_workbook(body, most_rows=most_rows, most_columns=most_columns).rows)


def test_cells_are_texts_and_rows_keep_their_numbers() -> None:
    body = book(
        {
            "A2": " 007 ",
            "B2": 2026010100001,
            "C2": 1.5,
            "D2": True,
            "E2": date(2026, 3, 4),
            "F2": datetime(2026, 3, 4, 5, 6),  # noqa: DTZ001  # workbooks know no zones
            "G2": "=1+1",
            "B5": 1e22,
        }
    )
    assert rows(body) == [
        (
            2,
            [
                "007",
                "2026010100001",
                "1.5",
                "true",
                "2026-03-04",
                "2026-03-04 05:06:00",
                "#FORMULA!",
            ],
        ),
        (5, ["", "1e+22", "", "", "", ""]),
    ]


def test_a_cell_without_a_value_is_no_empty_cell() -> None:
    cells = (
        b'<row r="2"><c r="A2" s="1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c t="e" r="B2"><v>#N/A</v>'
        b'</c><c r="C2"><f>A1+1</f></c><c r="D2"><f t="shared" si="0"/><v/></c>'
        b'<c r="E2" t="str"><f>""</f><v></v></c><c r="F2"><f>1+1</f><v>2</v></c><c r="G2"/></row>'
        b'<row r="3"><c r="A3"><f>A2</f><v></v></c></row>'
    )
    body = changed(
        "xl/worksheets/sheet1.xml",
        lambda part: part[: part.index(b'<row r="2"')] + cells + b"</sheetData></worksheet>",
    )
    assert rows(body)[1:] == [
        (2, ["#DIV/0!", "#N/A", "#FORMULA!", "#FORMULA!", "", "2"])
    ]  # the third row is a formula filled down


def test_the_sheets_that_hold_anything_are_named() -> None:
    made = Workbook()
    made.create_sheet("Empty")
    made.create_sheet("Notes")["B3"] = "x"
    file = io.BytesIO()
    made.save(file)
    found = read_workbook(file.getvalue(), most_rows=9, most_columns=9)
    assert (found.sheets, list(found.rows)) == (["Sheet", "Notes"], [])


def test_a_workbook_is_told_by_its_first_bytes() -> None:
    assert is_workbook(PLAIN)
    assert not is_workbook(b"a,b\n")


def test_no_more_columns_come_back_than_were_asked_for() -> None:
    assert rows(PLAIN, most_columns=1) == [(1, ["a"]), (2, ["x"])]


STYLE = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
HOSTILE: dict[str, Callable[[], bytes]] = {
    "no archive": lambda: b"PK\x03\x04 nothing",
    "cut short": lambda: PLAIN[:-40],
    "an archive of something else": lambda: _archive({"a.txt": b"x"}),
    "an empty archive": lambda: b"PK\x05\x06" + bytes(18),
    "no sheet": lambda: _archive({"[Content_Types].xml": CONTENT_TYPES.encode()}),
    "a sheet of zeros": lambda: changed("xl/worksheets/sheet1.xml", lambda _: b"0" * 300_000_000),
    "styles past counting": lambda: changed(
        "xl/styles.xml", lambda part: part.replace(b"<cellXfs", STYLE * 2_000_000 + b"<cellXfs", 1)
    ),
    "formats past counting": lambda: changed(
        "xl/styles.xml",
        lambda part: part.replace(b"</cellXfs>", STYLE * 4_000_000 + b"</cellXfs>", 1),
    ),
    "a cell at the far corner": lambda: book({"A1": "a", "XFD1048576": "z"}),
    "cells past counting": lambda: changed(
        "xl/worksheets/sheet1.xml",
        lambda part: part.replace(b"</row>", b'<c t="n"><v>1</v></c>' * 9_000_000 + b"</row>", 1),
    ),
    "an entity of entities": lambda: changed(
        "xl/worksheets/sheet1.xml",
        lambda part: b'<!DOCTYPE z [<!ENTITY a "aaaa">]>' + part.replace(b"<row", b"&a;<row", 1),
    ),
    "elements within elements": lambda: changed(
        "xl/worksheets/sheet1.xml", lambda _: b"<a>" * 20_000_000
    ),
    "more rows than a list has": lambda: book({"A1001": "x", "A1": "x"}),
}


# Entities are not resolved, and styles are ignored.
HARMLESS = {"an entity of entities", "styles past counting", "formats past counting"}


def _archive(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_means_harm_is_refused_in_a_sentence_or_read_as_what_it_says(name: str) -> None:
    body = HOSTILE[name]()
    try:
        found = rows(body)
    except InputError as error:
        found, said = [], str(error)
        assert said.endswith(("as CSV", "split it"))  # or it is read, as in the test below
    if found:
        assert name in HARMLESS
        assert found == rows(PLAIN)


def test_a_workbook_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(InputError, match=r"more than 0\.001 seconds to read; save it as CSV"):
        read_workbook(PLAIN, most_rows=10, most_columns=10, seconds=0.001)


def test_a_workbook_past_its_size_is_not_given_to_a_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workbook, "MOST_BYTES", len(PLAIN) - 1)
    with pytest.raises(InputError, match="is larger than"):
        rows(PLAIN)
