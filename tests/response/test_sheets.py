"""Tests of tables of recommendations: CSV and workbooks of all kinds, and harmful files."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from ewarn.domain.recommendation import Body, Status, Theme
from ewarn.errors import InputError
from ewarn.files.records import Record
from ewarn.response import sheets
from ewarn.response.rows import REQUIRED, RecommendationFile, read_rows
from ewarn.response.sheets import read_sheet

TODAY = date(2020, 3, 2)
HEADER = "country,body,text,owner,given_on"
ROW = "TGO,UPR,An invented one,office,2019-11-01"


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(text: str) -> RecommendationFile:
    return read_rows(text.encode(), {"TGO": "TGO", "Togo": "TGO"}.get, TODAY)


def records(body: bytes, *required: str) -> list[Record]:
    return read_sheet(body, required)[1]


def test_csv_and_a_workbook_say_the_same() -> None:
    lines = records(
        b"Country;Body;Text;Owner;Given on\nTGO;UPR;a, b;office;2019-11-01\n", *REQUIRED
    )
    book = records(
        workbook(
            ["Country", "Body", "Text", "Owner", "Given-On", None],
            ["TGO", "UPR", "a, b", "office", date(2019, 11, 1), None],
        ),
        *REQUIRED,
    )
    assert lines == book
    assert lines[0].cells["given_on"] == "2019-11-01"


def test_a_formula_is_its_value_and_an_apostrophe_that_guarded_one_is_gone() -> None:
    body = workbook(["a", "b"], ["=1+1", 3.0])
    assert records(body)[0].cells == {"a": "#FORMULA!", "b": "3"}  # never worked out
    assert records(b"a\n'=1+1")[0].cells == {"a": "=1+1"}


def test_lines_are_those_on_which_records_begin() -> None:
    found = records(b'a,b\n"two\nlines",x\n\ny,z\n')
    assert [row.line for row in found] == [2, 5]


def test_a_title_empty_rows_and_columns_are_passed_over() -> None:
    found = read(f"Follow-up 2019,,,,,,\n,,,,,,\n{HEADER},,\n{ROW},,\n,,,,,,\n")
    assert ([line for line, _ in found.accepted], found.rejected) == ([4], ())
    assert found.notes == ("What is above the header is skipped: line 1.",)


@pytest.mark.parametrize(
    ("given_on", "reference", "says"),
    [
        ("03/04/2019", "", "it is not clear which number is the day and which the month"),
        ("43770", "", "may be a spreadsheet's number of one"),
        ("2091-11-01", "", "given_on is 2091-11-01, which is in the future"),
        ("2019-11-01", "1.38E+05", "reference '1.38E+05' is an id that a spreadsheet has rounded"),
    ],
)
def test_what_a_spreadsheet_made_of_days_and_references_is_refused(
    given_on: str, reference: str, says: str
) -> None:
    found = read(f"{HEADER},reference\nTGO,UPR,x,office,{given_on},{reference}\n{ROW},\n")
    assert [item.line for item in found.rejected] == [2]
    assert says in found.rejected[0].reason
    assert len(found.accepted) == 1


def test_a_day_with_a_midnight_is_that_day() -> None:
    ((_, item),) = read(f"{HEADER}\nTGO,UPR,x,office,2019-11-01 00:00:00\n").accepted
    assert item.given_on == date(2019, 11, 1)


def test_good_rows_go_in_and_bad_ones_say_why() -> None:
    found = read(
        f"{HEADER},theme,status,evidence,due_on,colour\n"
        f"{ROW},Assembly,,,,red\n"
        "Togo,Treaty Body,x,office,2019-11-01,,under way,a bill,2020-01-01,\n"
        "XXX,upr,x,office,2019-11-01,,,,,\n"
        "TGO,parliament,x,office,2019-11-01,,,,,\n"
        "TGO,upr,,office,2019-11-01,,,,,\n"
        "TGO,upr,x,office,1 Nov 2019,,,,,\n"
        f"TGO,upr,{'x' * 5001},office,2019-11-01,,,,,\n"
    )
    (_, first), (line, second) = found.accepted
    assert (first.body, first.theme, first.status) == (Body.UPR, Theme.ASSEMBLY, Status.OPEN)
    assert (line, second.body, second.status) == (3, Body.TREATY_BODY, Status.UNDER_WAY)
    assert (second.evidence, second.due_on) == ("a bill", date(2020, 1, 1))
    assert found.notes == ("the column 'colour' is not known and was ignored",)
    said = {each.line: each.reason for each in found.rejected}
    assert sorted(said) == [4, 5, 6, 7, 8]
    assert said[4] == "country 'XXX' is not covered by this key"
    assert "is not one of mission, upr" in said[5]
    assert said[6] == "text is empty"
    assert said[7].startswith("given_on '1 Nov 2019' is not a day from 1900 to 2100")
    assert said[8] == "text has more than 5000 characters"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,a\n1,2", "names a twice"),
        (b"x" * (sheets.MOST_BYTES + 1), "larger than 5 MiB"),
        (b"a\n" + b"x\n" * 20_001, "more than 20000 rows"),
        (b"\x00\x01", "Line 1 holds a NUL character"),
        (b"PK\x03\x04[Content_Types].xml", "cannot be read as a workbook"),
        (workbook(["a"])[:-40], "cannot be read as a workbook"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_list_or_means_harm_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_sheet(body, ())


def test_a_file_that_lacks_a_column_is_told_which() -> None:
    with pytest.raises(InputError, match="no column 'owner'; it needs country, body, text"):
        read("country,body,text,given_on\n")
