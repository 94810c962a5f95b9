"""Tests of days, numbers and ids as spreadsheets write them."""

from datetime import date

import pytest

from ewarn.files.values import check_identifier, day_of, is_like_a_day, whole_number_of


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12.0", 12),
        ("12,00", 12),
        ("12.", 12),
        ("1234.000", 1234),
        ("0.000", 0),
        ("1 234", 1234),
        ("1\u00a0234\u202f567", 1_234_567),
        ("1\u2019234", 1234),
        ("1.234.567", 1_234_567),
        ("1,234,567", 1_234_567),
        ("1,234.0", 1234),
        ("1.234,00", 1234),
        ("1000000000", 1_000_000_000),
    ],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert whole_number_of(text) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "1.000", "12,000", "999.999"])
def test_one_separator_before_three_digits_may_mean_two_numbers(text: str) -> None:
    with pytest.raises(ValueError, match=r"may mean .* or .*: write it without a separator"):
        whole_number_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "1.5",
        "1,5",
        "0,123",
        "1E+3",
        "12,34,567",
        "1 23",
        "1.234.56",
        "1,2,3",
        "1000000001",
    ],
)
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a whole number from 0 to 1000000000"):
        whole_number_of(text)


@pytest.mark.parametrize(
    "text", ["2026-03-04", "2026-03-04 00:00:00", "2026-03-04T00:00", "2026-03-04 0:00:00.000"]
)
def test_days(text: str) -> None:
    assert day_of(text) == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/04/2026", "which number is the day"),
        ("3.4.26", "which number is the day"),
        ("03-04-2026 00:00", "which number is the day"),
        ("25/12/2026", "written YYYY-MM-DD$"),
        ("46085", "a spreadsheet's number of one"),
        ("46085.0", "a spreadsheet's number of one"),
        ("2026-03-04 14:30", "written YYYY-MM-DD$"),
        ("2026-03-04T00:00:00Z", "written YYYY-MM-DD$"),  # midnight of an unknown zone
        ("2026-3-4", "written YYYY-MM-DD$"),
        ("2026-02-30", "written YYYY-MM-DD$"),
        ("0026-03-04", "written YYYY-MM-DD$"),
        ("4-Mar", "written YYYY-MM-DD$"),
    ],
)
def test_what_is_no_day_or_may_be_two(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        day_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "2.02601E+12",
        "2,02601E+12",
        "1.23457e+15",
        "1E+15",
        "1.5E15",
        "-1.2E-05",
        "1234567890123450.0",
    ],
)
def test_ids_that_a_spreadsheet_rounded(text: str) -> None:
    with pytest.raises(ValueError, match="a spreadsheet has rounded"):
        check_identifier(text)


@pytest.mark.parametrize("text", ["2026010100001", "5e12", "TGO-1E+05", "12.0", "1.2", "E+12"])
def test_ids_that_stand_as_they_were(text: str) -> None:
    check_identifier(text)


@pytest.mark.parametrize(
    "text",
    [
        *("#N/A", "#REF!", "#NAME?", "########", "NaN", "NULL", "n/a", "c1\u200b", "c\u00a01"),
        *("2.02601 E+12", "2.02601×10^12", "2026010112345670000"),
    ],
)
def test_what_a_spreadsheet_shows_for_an_id_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"id"):
        check_identifier(text)


@pytest.mark.parametrize(
    "text", ["1", "202601011234567", "2026010112345678901", "nanterre-1", "é1"]
)
def test_an_id_is_taken(text: str) -> None:
    check_identifier(text)


@pytest.mark.parametrize("text", ["01-Mar", "Mar-01", "1-mars-26", "3/1/2026", "2026-03-01"])
def test_an_id_may_look_like_a_day(text: str) -> None:
    assert is_like_a_day(text)


@pytest.mark.parametrize("text", ["3-1", "desk-01", "001", "KEN-2026-03-01", "mar01", "a-12"])
def test_other_ids_do_not(text: str) -> None:
    assert not is_like_a_day(text)


@pytest.mark.parametrize("text", ["#DIV/0!", "#N/A", "#FORMULA!", "#ref!"])
def test_a_formula_without_a_value_is_called_that(text: str) -> None:
    for read in (day_of, whole_number_of):
        with pytest.raises(ValueError, match="is a formula without a value: mend it"):
            read(text)
