"""Numbers, days and punctuation as each language writes them, after CLDR."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from ewarn.languages.catalogues import ENGLISH, translation


def day_words(day: date, language: str) -> str:
    """A day: `5 Jan 2020`."""
    return format_date(day, _day_pattern(language), locale=language)


def moment_words(moment: datetime, language: str) -> str:
    """A time, always UTC: `5 Jan 2020, 06:00 UTC`."""
    written = format_datetime(moment, f"{_day_pattern(language)}, HH:mm", locale=language)
    return f"{written} UTC"


@cache
def _day_pattern(language: str) -> str:
    # In English the day stands before the month, as everywhere but in America.
    if language == ENGLISH:
        return "d MMM y"
    return str(Locale.parse(language).date_formats["medium"].pattern)


def number_words(number: Decimal, language: str) -> str:
    """A number with as many decimals as it has."""
    decimals = max(0, -int(number.as_tuple().exponent))
    pattern = "0." + "0" * decimals if decimals else "0"
    return format_decimal(number, pattern, locale=language)


def percent(value: float, language: str = ENGLISH) -> str:
    """A share as a percentage, with one decimal below ten percent."""
    pattern = _percent_pattern(language)
    if value < 0.1:
        pattern = pattern.replace("#,##0", "#,##0.0")
    least = 0.001
    is_small = 0 < value < least / 2  # and would be written as none at all
    said = format_percent(least if is_small else value, pattern, locale=language)
    return f"<{said}" if is_small else said


@cache
def _percent_pattern(language: str) -> str:
    # Plain spaces: a mail program may not know the narrow ones of CLDR.
    return re.sub(r"\s", " ", Locale.parse(language).percent_formats[None].pattern)


def colon(language: str) -> str:
    """A colon with what stands around it."""
    return translation(language).pgettext("between two parts of a line", ": ")


def semicolon(language: str) -> str:
    """A semicolon with what stands around it."""
    return translation(language).pgettext("between two parts of a line", "; ")
