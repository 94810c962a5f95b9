"""Sentences that are stored in English and shown in every language.

A record holds plain English. Each sentence in it is written by a `Sentence`, which can also parse
it and translate it with the catalogue of a language. So a sentence is defined in one place, and an
old record can be shown in a language that was added later.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.formats import day_words, moment_words, number_words

_GAP = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Teller = Callable[[str, str], str]  # translates the value of a gap into a language


class Sentence:
    """An English sentence with gaps such as `%(week)s`.

    If `many` is given, it is the form that is used unless the gap `count` is 1. A sentence that was
    worded otherwise in older versions names its `former` wordings, which old records hold.
    """

    def __init__(self, one: str, many: str = "", former: Sequence[str] = ()) -> None:
        self.one = one
        self.many = many
        self._patterns = [_pattern(form) for form in (one, many, *former) if form]

    def __call__(self, **values: object) -> str:
        """Return the sentence in English with its gaps filled."""
        form = self.many if self.many and values["count"] != 1 else self.one
        return form % values

    def read(self, text: str) -> dict[str, str] | None:
        """Return the values of the gaps in a text, or None if this sentence did not write it."""
        found = next(filter(None, (each.fullmatch(text) for each in self._patterns)), None)
        return found.groupdict() if found else None

    def message(self, language: str, values: Mapping[str, str]) -> str:
        """Return the translated sentence with unfilled gaps, in the plural form for its `count`."""
        if self.many:
            number = int(values["count"])
            return translation(language).ngettext(self.one, self.many, number)
        return translation(language).gettext(self.one)


class Sentences:
    """The sentences of one kind of record, in the order in which a text is compared with them."""

    def __init__(self) -> None:
        self.known: list[Sentence] = []

    def sentence(self, one: str, *former: str) -> Sentence:
        """Add a sentence, with its former wordings, and return it."""
        self.known.append(Sentence(one, former=former))
        return self.known[-1]

    def counted_sentence(self, one: str, many: str) -> Sentence:
        """Add a sentence with a gap `count`, in its singular and plural form, and return it."""
        self.known.append(Sentence(one, many))
        return self.known[-1]

    def told(self, text: str, language: str, tellers: Mapping[str, Teller]) -> str:
        """Return a recorded text in a language, or unchanged if none of these sentences wrote it.

        The value of a gap is translated by the function that `tellers` has for the name of the gap.
        If there is none, a number, a day (ISO) or one of these sentences is recognised and
        translated.
        """
        if language == ENGLISH:
            return text
        for each in self.known:
            values = each.read(text)
            if values is not None:
                return each.message(language, values) % {
                    name: tellers[name](value, language)
                    if name in tellers
                    else self._value(value, language, tellers)
                    for name, value in values.items()
                }
        return text

    def _value(self, value: str, language: str, tellers: Mapping[str, Teller]) -> str:
        if _NUMBER.fullmatch(value):
            return number_words(Decimal(value), language)
        if _DAY.fullmatch(value):
            return told_day(value, language)
        return self.told(value, language, tellers)


def as_it_is(text: str, _language: str) -> str:
    """Return the value of a gap that is the same in every language, such as a name or code."""
    return text


def told_day(text: str, language: str) -> str:
    """Return an ISO day in a language, or unchanged if it is none."""
    try:
        return day_words(date.fromisoformat(text), language)
    except ValueError:
        return text


def told_moment(text: str, language: str) -> str:
    """Return an ISO date-time in a language, or unchanged if it is none."""
    try:
        return moment_words(datetime.fromisoformat(text), language)
    except ValueError:
        return text


def _pattern(form: str) -> re.Pattern[str]:
    """Return the pattern that matches a filled sentence; each gap matches as little as possible.

    A gap `count` matches a whole number only.
    """
    parts = _GAP.split(form.replace("%%", "%"))
    texts, names = map(re.escape, parts[::2]), parts[1::2]
    gaps = [f"(?P<{name}>{'[0-9]+' if name == 'count' else '.+?'})" for name in names]
    return re.compile(
        "".join(text + gap for text, gap in zip(texts, [*gaps, ""], strict=True)), re.DOTALL
    )
