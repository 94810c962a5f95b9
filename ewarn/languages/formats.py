"""Formats of numbers, days and punctuation in each language, from CLDR."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from ewarn.languages.catalogues import ENGLISH, translation


@lru_cache(maxsize=4096)
def day_words(day: date, language: str) -> str:
    """Return a day such as `5 Jan 2020`."""
    return format_date(day, _day_pattern(language), locale=language)


def moment_words(moment: datetime, language: str) -> str:
    """Return a moment in UTC such as `5 Jan 2020, 06:00 UTC`."""
    written = format_datetime(moment, f"{_day_pattern(language)}, HH:mm", locale=language)
    return f"{written} UTC"


def length_words(length: timedelta, language: str) -> str:
    """Return a length of time in its largest fitting unit, such as `3 days`."""
    return str(format_timedelta(length, threshold=2, granularity="minute", locale=language))


@cache
def _day_pattern(language: str) -> str:
    # In English the day stands before the month, as it does everywhere except in America.
    if language == ENGLISH:
        return "d MMM y"
    return str(Locale.parse(language).date_formats["medium"].pattern)


def number_words(number: Decimal, language: str) -> str:
    """Return a number with all of its decimals."""
    decimals = max(0, -int(number.as_tuple().exponent))
    pattern = "0." + "0" * decimals if decimals else "0"
    return format_decimal(number, pattern, locale=language)


def percent(value: float, language: str = ENGLISH) -> str:
    """Return a share (0 to 1) as a percentage, with one decimal if it is below ten percent."""
    pattern = _percent_pattern(language)
    if value < 0.1:
        pattern = pattern.replace("#,##0", "#,##0.0")
    least = 0.001
    is_small = 0 < value < least / 2  # it would be rounded to zero
    said = format_percent(least if is_small else value, pattern, locale=language)
    return f"<{said}" if is_small else said


@cache
def _percent_pattern(language: str) -> str:
    # CLDR uses narrow spaces, which a mail program may not know.
    return re.sub(r"\s", " ", Locale.parse(language).percent_formats[None].pattern)


def colon(language: str) -> str:
    """Return a colon with the spaces that the language writes around it."""
    return translation(language).pgettext("between two parts of a line", ": ")


def semicolon(language: str) -> str:
    """Return a semicolon with the spaces that the language writes around it."""
    return translation(language).pgettext("between two parts of a line", "; ")


def own_name(language: str) -> str:
    """Return the name of a language in itself.

    >>> own_name("fr")
    'Français'
    """
    name = Locale.parse(language).display_name or language
    return name[:1].upper() + name[1:]
