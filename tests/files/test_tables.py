"""Tests of reading tables of any kind as records, and of what is refused."""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from ewarn.errors import InputError, RecordRejected
from ewarn.files.tables import read_table
from ewarn.frames.events import EXCHANGE_REQUIRED
from ewarn.places.gazetteer import load_gazetteer
from ingest.exchange.format import read_exchange

NOW = datetime(2026, 3, 1, tzinfo=UTC)
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
    batch = read_exchange(body, load_gazetteer(), NOW)
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
    batch = read_exchange(body.replace("Lomé".encode(), b"Lom\xe9"), load_gazetteer(), NOW)
    assert [(r.line, r.reason) for r in batch.rejected] == [
        (2, "summary holds bytes that are not UTF-8 text.")
    ]
    assert batch.events["summary"].tolist() == ["é"]


@pytest.mark.parametrize(
    "pack", [lambda body: body, gzip.compress, lambda body: b"\xef\xbb\xbf" + body]
)
def test_plain_gzip_and_with_a_byte_order_mark(pack: Callable[[bytes], bytes]) -> None:
    batch = read_exchange(pack(file_of("")), load_gazetteer(), NOW)
    assert len(batch.events) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        *(
            (body, "The file is empty: see")
            for body in (b"", b"\xef\xbb\xbf", b"\xff\xfe", b" \n,,\n")
        ),
        (b"x", "lacks the required columns source, source_event_id, kind, occurred_on, country"),
        (b"source,kind,country\n", "lacks the required columns source_event_id, occurred_on: "),
        (
            b"\n\nsource;kind;country\n",
            "Line 3 lacks the required columns source_event_id",
        ),
        (b"Title,,,\n,,,\nsource,kind\n", "Line 1 lacks the required columns"),
        (b"source,source\n", "names source twice"),
        (b"a,b,Source,source \n", "names source twice"),
        ("источник,вид".encode("cp1251"), "save the file as CSV UTF-8"),
        ("source,kind".encode("utf-16")[:-1], "cut off: save it as CSV UTF-8"),
        (b"PK\x03\x04 [Content_Types].xml", "save it again, or as CSV"),
        (b"%PDF-1.7\x00\x01", "Line 1 holds a NUL character"),
        (b'"source', "header on line 1 cannot be read"),
        (gzip.compress(b"x" * 100, mtime=0)[:-9], "archive is damaged"),
        (b"\x1f\x8bnonsense", "archive is damaged"),
    ],
)
def test_a_file_that_is_not_this_format(body: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_exchange(body, load_gazetteer(), NOW)


def test_a_field_past_all_bounds_is_refused_by_line() -> None:
    batch = read_exchange(file_of("x" * 200_000, ""), load_gazetteer(), NOW)
    assert [r.line for r in batch.rejected] == [2]
    assert batch.rejected[0].reason == "a field is longer than 100000 characters."
    assert len(batch.events) == 1


ROWS = [
    ["source", "source_event_id", "kind", "occurred_on", "country", "place"],
    ["desk", "1", "protest", "2026-01-05", "TGO", "Tsévié"],
    ["desk", "2", "arrest", "2026-01-06", "TGO", "Sokodé"],
]


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def book(rows: list[list[object]]) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def zipped(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return file.getvalue()


PLAIN = written(ROWS)
MAKES: dict[str, bytes] = {
    "commas": PLAIN.encode(),
    "semicolons": written(ROWS, ";").encode(),
    "tabs": written(ROWS, "\t").encode(),
    "sep=; above": ("sep=;\r\n" + written(ROWS, ";")).encode("utf-8-sig"),
    "sep= of another separator": ("sep=^\n" + written(ROWS, "^")).encode(),
    "sep= in a column more": ("sep=;;;;;;\r\n" + written(ROWS, ";")).encode(),
    "quoted sep= of tabs": ('"sep=\t"\n' + written(ROWS, "\t")).encode("utf-16"),
    "old Mac's line ends": written(ROWS, end="\r").encode(),
    "Windows-1252": PLAIN.encode("cp1252"),
    "UTF-16": PLAIN.encode("utf-16"),
    "UTF-16, big end first": b"\xfe\xff" + PLAIN.encode("utf-16-be"),
    "UTF-16 without a mark": PLAIN.encode("utf-16-le"),
    "UTF-16 without a mark, big end first": PLAIN.encode("utf-16-be"),
    "UTF-32": PLAIN.encode("utf-32"),
    "blank rows": written([[""] * 6, *ROWS[:1], [" "] * 6, [], *ROWS[1:], [""] * 6]).encode(),
    "titles above": written([["Weekly incidents", *[""] * 5], [], *ROWS]).encode(),
    "titles of one cell": written([["Incidents, January"], *ROWS], ";").encode(),
    "empty columns": written([[*row, "", ""] for row in ROWS]).encode(),
    "cells that no column has": written([ROWS[0], *([*row, "", ""] for row in ROWS[1:])]).encode(),
    "an empty first column": written([["", *row] for row in ROWS]).encode(),
    "names in capitals": written([[name.upper() for name in ROWS[0]], *ROWS[1:]]).encode(),
    "names with blanks": PLAIN.replace("source_event_id", "Source event id ").encode(),
    "commas, and semicolons behind": written(ROWS, end=";;;\r\n").encode(),
    "each line quoted": "".join(f'"{line}"\r\n' for line in PLAIN.splitlines()).encode(),
    "each line quoted, semicolons behind": "".join(
        f'"{line}";;\r\n' for line in PLAIN.splitlines()
    ).encode(),
    "formulas of a text": PLAIN.replace("desk,1", 'desk,="1"')
    .replace("desk,2", 'desk,"=""2"""')
    .encode(),
    "zip": zipped(events=PLAIN.encode()),
    "gzip of UTF-16": gzip.compress(PLAIN.encode("utf-16")),
    "a workbook": book([list(row) for row in ROWS]),
    "a workbook with titles and days": book(
        [
            ["Incidents"],
            [],
            list(ROWS[0]),
            [],
            ["desk", 1, "protest", date(2026, 1, 5), "TGO", "Tsévié"],
            ["desk", 2, "arrest", datetime(2026, 1, 6), "TGO", "Sokodé"],  # noqa: DTZ001
        ]
    ),
}


@pytest.mark.parametrize("make", MAKES)
def test_one_table_of_any_make(make: str) -> None:
    batch = read_exchange(MAKES[make], load_gazetteer(), NOW)
    assert batch.rejected == ()
    events = batch.events.to_dict("records")
    assert [event["source_event_id"] for event in events] == ["1", "2"]
    assert [event["place"] for event in events] == ["Tsévié", "Sokodé"]
    assert [str(event["occurred_on"].date()) for event in events] == ["2026-01-05", "2026-01-06"]


@pytest.mark.parametrize(
    ("make", "note"),
    [
        ("titles above", "What is above the header is skipped: line 1."),
        ("Windows-1252", "is read as Windows-1252. If names come out wrong"),
    ],
)
def test_what_was_guessed_or_passed_over_is_remarked(make: str, note: str) -> None:
    assert any(note in said for said in read_exchange(MAKES[make], load_gazetteer(), NOW).notes)


def test_a_header_without_rows_is_told() -> None:
    batch = read_exchange(written(ROWS[:1]).encode(), load_gazetteer(), NOW)
    assert "There are no rows below the header on line 1." in batch.notes


def test_a_hidden_sheet_is_not_read_but_named() -> None:
    made = Workbook()
    for row in ROWS:
        made.active.append(row)  # type: ignore[union-attr]
    for place, state in ((0, "hidden"), (1, "veryHidden"), (3, "hidden")):
        sheet = made.create_sheet(f"old {place}", place)
        sheet.append([*ROWS[0]])
        sheet.sheet_state = state
    made.active = 2
    file = io.BytesIO()
    made.save(file)
    batch = read_exchange(file.getvalue(), load_gazetteer(), NOW)
    assert len(batch.events) == len(ROWS) - 1
    said = "Only the first sheet is read, not 'old 0' (hidden), 'old 1' (hidden), 'old 3' (hidden)."
    assert said in batch.notes


def test_only_the_first_sheet_is_read_and_the_others_are_named() -> None:
    made = Workbook()
    for row in ROWS:
        made.active.append(row)  # type: ignore[union-attr]
    made.create_sheet("February")["A1"] = "x"
    file = io.BytesIO()
    made.save(file)
    batch = read_exchange(file.getvalue(), load_gazetteer(), NOW)
    assert "Only the first sheet is read, not 'February'." in batch.notes
    made.move_sheet("February", -1)
    file = io.BytesIO()
    made.save(file)
    with pytest.raises(InputError, match=r"move the sheet with the rows to the front \('Sheet'\)"):
        read_exchange(file.getvalue(), load_gazetteer(), NOW)


def test_a_formula_without_a_value_refuses_its_row() -> None:
    rows: list[list[object]] = [[*ROWS[0], "arrests"], [*ROWS[1], "=1/0"], [*ROWS[2], 4]]
    batch = read_exchange(book(rows), load_gazetteer(), NOW)
    assert [(item.line, item.reason) for item in batch.rejected] == [
        (
            2,
            "arrests '#FORMULA!' is a formula without a value: mend it, or empty the cell.",
        )
    ]
    assert len(batch.events) == 1


def test_a_line_that_is_no_cell_like_the_others_is_refused_alone() -> None:
    body = written([*ROWS, ["desk", "3", "protest", "2026-01-07", "TGO", "a;b"]], end=";;\n")
    batch = read_exchange(body.encode(), load_gazetteer(), NOW)
    assert [item.line for item in batch.rejected] == [4]
    assert "Each line is in one cell: it is read as separated by commas." in batch.notes


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    text = "sep=;\n\n" + written([["Title"], *ROWS, ["desk", "3"]], ";", "\n")
    batch = read_exchange(text.encode(), load_gazetteer(), NOW)
    assert batch.events["line"].tolist() == [5, 6]
    assert [item.line for item in batch.rejected] == [7]


def test_columns_without_a_name_are_named_by_their_place_if_they_hold_anything() -> None:
    rows = [[*ROWS[0], "", ""], [*ROWS[1], "", ""], [*ROWS[2], "", "why?"]]
    batch = read_exchange(written(rows).encode(), load_gazetteer(), NOW)
    assert len(batch.events) == 2
    assert "Columns without a name are ignored: column 8 (line 3)." in batch.notes


def test_a_header_below_rows_is_refused_so_that_none_is_lost() -> None:
    body = written([ROWS[1], ROWS[0], ROWS[2]]).encode()
    with pytest.raises(InputError, match="on line 2, below a row on line 1: move the header"):
        read_exchange(body, load_gazetteer(), NOW)


def test_an_archive_of_several_files_is_no_workbook() -> None:
    with pytest.raises(InputError, match="holds 2 files where one is expected"):
        read_exchange(zipped(a=b"x", b=b"y"), load_gazetteer(), NOW)


def test_letters_of_another_alphabet_are_not_guessed() -> None:
    body = written([*ROWS, ["desk", "3", "protest", "2026-01-07", "UKR", "Харків"]])
    batch = read_exchange(body.replace("é", "e").encode("cp1251"), load_gazetteer(), NOW)
    assert len(batch.events) == 2
    assert [item.reason for item in batch.rejected] == [
        "place holds bytes that are not UTF-8 text."
    ]


def test_a_header_past_counting_is_refused_at_once() -> None:
    with pytest.raises(RecordRejected, match=r"has 1000001 columns, 2000 are the most"):
        read_table(b"a," * 1_000_000, (("source",),))
