"""Parsers of days, numbers and ids as spreadsheets write them, which refuse ambiguous values.

Each one raises ValueError with the end of a sentence: "'1.234' may mean two numbers: ...".
"""

import re
import unicodedata
from contextlib import suppress
from datetime import date
from functools import lru_cache

from ewarn.domain.position import holds_position
from ewarn.domain.time import FIRST_DAY, LAST_DAY, stated_day

MAX_COUNT = 1_000_000_000
_SHOWN = 60  # characters of a refused value that an error message shows

_MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:\.0+)?)?")
_SERIAL = re.compile(r"[1-9]\d{4}(?:[.,]\d*)?")  # days since 1900, as Excel counts
_NUMBERS_OF_A_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](?:\d{4}|\d{2})(?:[T ].*)?")

_PLAIN = re.compile(r"(\d{1,12})(?:[.,]0*)?")
_TWO_MEANINGS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_BLANKS = " \u00a0\u2007\u2009\u202f"
_GROUPS = tuple(
    # One separator between thousands, and only zeros after the other: `1,234,567.00`.
    re.compile(rf"([1-9]\d{{0,2}}(?:[{group}]\d{{3}})+)(?:[{point}]0*)?")
    for group, point in ((_BLANKS, ".,"), ("'’", ".,"), (".", ","), (",", "."))
)
_NO_DIGIT = re.compile(r"\D")

# Excel writes a long number as 1.23457E+15 and keeps only fifteen digits of it.
_SCIENTIFIC = re.compile(
    r"[+-]?(?:\d+[.,]?\d*E[+-]\d+|\d+[.,]\d+E\d+|\d+[.,]\d+[×x]10\^?\d+)", re.IGNORECASE
)
_DIGITS_KEPT = 15
_CELL_ERROR = re.compile(
    r"#(?:N/?A|REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|FORMULA!|SPILL!|CALC!)", re.I
)
_NO_VALUE = re.compile(rf"#+|{_CELL_ERROR.pattern}|n/?a|nan|null|none", re.I)
_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    "|janv|févr?|mars|avr|mai|juin|juil|août|sept|déc"
)
_MADE_A_DAY = re.compile(
    rf"\d{{1,2}}[-/. ](?:{_MONTH})\.?(?:[-/. ]\d{{2,4}})?|(?:{_MONTH})\.?[-/. ]\d{{2,4}}"
    r"|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d\d-\d\d(?: 00:00:00)?",
    re.IGNORECASE,
)
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_ROUNDED = re.compile(r"\d{16,}[.,]0+")


def shown(value: str) -> str:
    """Return a value as error messages quote it: shortened, and never a geographic position."""
    if holds_position(value):
        return "'(a position)'"
    return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")


@lru_cache(maxsize=65536)
def day_of(text: str) -> date:
    """Return the day, from 1900 to 2100, of a text written YYYY-MM-DD.

    A midnight after the day is allowed.

    Raises:
        ValueError: If the text is anything else.
    """
    day, rest = text[: len("YYYY-MM-DD")], text[len("YYYY-MM-DD") :]
    if _CELL_ERROR.fullmatch(text):
        raise ValueError(f"{shown(text)} is a formula without a value: mend it, or write the day")
    if not rest or _MIDNIGHT.fullmatch(rest):
        with suppress(ValueError):
            return stated_day(day)
    years = f"from {FIRST_DAY.year} to {LAST_DAY.year}"
    raise ValueError(f"{shown(text)} is not a day {years} written YYYY-MM-DD{_day_hint(text)}")


def _day_hint(text: str) -> str:
    """Return what a text that is not a day may be, to continue an error message, or ""."""
    if _SERIAL.fullmatch(text):
        return " but may be a spreadsheet's number of one: format the column as YYYY-MM-DD"
    numbers = _NUMBERS_OF_A_DAY.fullmatch(text)
    if numbers and max(int(numbers[1]), int(numbers[2])) <= 12:
        return ": it is not clear which number is the day and which the month"
    return ""


def whole_number_of(text: str) -> int:
    """Return the whole number of a text, from 0 to 1,000,000,000.

    `12.0`, `1 234` and `1.234.567` are read too. One point or comma before three digits (`1.234`)
    is refused, because it may separate thousands or decimals.

    Raises:
        ValueError: If the text is not such a number, or may mean two numbers.
    """
    if _CELL_ERROR.fullmatch(text):
        raise ValueError(f"{shown(text)} is a formula without a value: mend it, or empty the cell")
    if _TWO_MEANINGS.fullmatch(text):
        whole, decimals = re.split("[.,]", text)
        raise ValueError(
            f"{shown(text)} may mean {whole}{decimals} or {float(f'{whole}.{decimals}'):g}: write "
            "it without a separator"
        )
    match = _PLAIN.fullmatch(text)
    for grouped in _GROUPS:
        match = match or grouped.fullmatch(text)
    number = int(_NO_DIGIT.sub("", match[1])) if match else MAX_COUNT + 1
    if number > MAX_COUNT:
        raise ValueError(f"{shown(text)} is not a whole number from 0 to {MAX_COUNT}")
    return number


def is_like_a_day(text: str) -> bool:
    """Return whether an id looks like a day (`01-Mar`): spreadsheets turn `3-1` into one."""
    return _MADE_A_DAY.fullmatch(text) is not None


def check_identifier(text: str) -> None:
    """Check that a spreadsheet has not damaged an id.

    Raises:
        ValueError: If the id is a spreadsheet's sign for "no value", has an invisible character, or
            was read as a number and rounded.
    """
    if _NO_VALUE.fullmatch(text):
        raise ValueError(
            f"{shown(text)} is not an id but what a spreadsheet shows for an empty cell"
        )
    if any(unicodedata.category(sign) in _UNSEEN for sign in text) or "\u00a0" in text:
        raise ValueError(f"{shown(text)} is an id with a character that cannot be seen")
    bare = text.replace(" ", "")
    is_cut = bare.isdecimal() and len(bare.rstrip("0")) <= _DIGITS_KEPT < len(bare)
    if is_cut or _SCIENTIFIC.fullmatch(bare) or _ROUNDED.fullmatch(bare):
        raise ValueError(
            f"{shown(text)} is an id that a spreadsheet has rounded: format its column as text and "
            "enter the ids again"
        )
