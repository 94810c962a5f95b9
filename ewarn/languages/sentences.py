"""Sentences that are recorded in English and told in every language.

A record keeps plain English. Each sentence in it is written by a `Sentence`, which also reads it
back and tells it with the catalogue of a language. So a sentence is written once, and what was
recorded long ago is told in a language that came later.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from ewarn.languages.catalogues import ENGLISH, translation
from ewarn.languages.formats import day_words, number_words

_GAP = re.compile(r"%\((\w+)\)s")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")

Teller = Callable[[str, str], str]  # from what stands in a gap, and a language


class Sentence:
    """An English sentence with gaps such as `%(week)s`; `many` its form unless `count` is 1."""

    def __init__(self, one: str, many: str = "") -> None:
        self.one = one
        self.many = many
        self._patterns = [_pattern(form) for form in (one, many) if form]

    def __call__(self, **values: object) -> str:
        """The sentence in English, with its gaps filled."""
        form = self.many if self.many and values["count"] != 1 else self.one
        return form % values

    def read(self, text: str) -> dict[str, str] | None:
        """What stands in the gaps of a text that it wrote; None where it wrote another text."""
        found = next(filter(None, (each.fullmatch(text) for each in self._patterns)), None)
        return found.groupdict() if found else None

    def message(self, language: str, values: Mapping[str, str]) -> str:
        """The sentence in a language, in the form that its `count` asks for, with its gaps."""
        if self.many:
            number = int(values["count"])
            return translation(language).ngettext(self.one, self.many, number)
        return translation(language).gettext(self.one)


class Sentences:
    """The sentences of one record. Of two that fit a text the one that was made first is taken."""

    def __init__(self) -> None:
        self.known: list[Sentence] = []

    def sentence(self, one: str) -> Sentence:
        """One more sentence."""
        self.known.append(Sentence(one))
        return self.known[-1]

    def counted_sentence(self, one: str, many: str) -> Sentence:
        """One more sentence with a `count`, in its form for one and its form for others."""
        self.known.append(Sentence(one, many))
        return self.known[-1]

    def told(self, text: str, language: str, tellers: Mapping[str, Teller]) -> str:
        """A recorded text in a language: as it stands where none of these sentences wrote it.

        What stands in a gap is told by its teller. Where it has none, it is told as a number, a day
        (ISO) or a sentence, if it is one of these.
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
            return day_words(date.fromisoformat(value), language)
        return self.told(value, language, tellers)


def _pattern(form: str) -> re.Pattern[str]:
    """What reads a sentence back: each gap takes as little as it can."""
    parts = _GAP.split(form.replace("%%", "%"))
    texts, names = map(re.escape, parts[::2]), parts[1::2]
    gaps = [f"(?P<{name}>.+?)" for name in names]
    return re.compile(
        "".join(text + gap for text, gap in zip(texts, [*gaps, ""], strict=True)), re.DOTALL
    )
