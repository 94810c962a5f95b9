"""Extraction of place names from a text, and of how certain it is that the event was there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise

from ewarn.domain.region import Ground
from ewarn.places import wording
from ewarn.places.lexicon import CITY, Lexicon, Meaning
from ewarn.places.wording import Word

_Words = Sequence[Word]

LONGEST_NAME = 6  # words
IN_PASSING = 10_000  # people; smaller towns are not recognised inside longer phrases

_AROUND_CAPITAL = frozenset({"the", "in", "city"}) | wording.WITHIN


class Rank(IntEnum):
    """How certain it is that an event was at the named place."""

    BESIDE = 0  # such as "near Lomé"
    PASSING = 1  # such as "Lomé stock exchange"
    THERE = 2  # such as "Lomé", "central Lomé" or "the exchange in Lomé"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, which ends before the word `end`.

    If `meaning` is None, it is the name of the country.
    """

    end: int
    phrase: int
    part: int
    meaning: Meaning | None
    rank: Rank = Rank.THERE
    is_guess: bool = False

    @property
    def is_small(self) -> bool:
        """Whether the name is that of a small town, and may mean another, unlisted place too."""
        town = None if self.meaning is None else self.meaning.town
        return town is not None and town.population < CITY


class PlaceTextReader:
    """A reader that finds the place names of one country in a text."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        text = lexicon.mended(text)
        self._text = text
        self._lexicon = lexicon
        self._words = wording.read_words(text)
        self._writes_capitals = any(word.is_capital for word in self._words)
        self._read: set[int] = set()  # parts in which a name was found

    def mentions(self) -> Iterator[Mention]:
        """Yield the names in the text; each word belongs to at most one of them."""
        index = 0
        while index < len(self._words):
            mention = self._longest(index)
            if mention is not None:
                self._read |= {word.part for word in self._words[index : mention.end]}
                yield mention
            index = index + 1 if mention is None else mention.end
        yield from self._guesses()

    def _guesses(self) -> Iterator[Mention]:
        """Yield guesses for phrases without a name, as a whole ("S  o Paulo") or part by part."""
        read = {word.phrase for word in self._words if word.part in self._read}
        for phrase in sorted({word.phrase for word in self._words} - read):
            words = [word for word in self._words if word.phrase == phrase]
            parts = [[w for w in words if w.part == part] for part in {w.part for w in words}]
            for guessed in (words, *(parts if len(parts) > 1 else ())):
                mention = self._guess(guessed)
                if mention is not None:
                    self._read |= {word.part for word in guessed}
                    yield mention
                    if guessed is words:
                        break

    def has_unread_name(self) -> bool:
        """Return whether a phrase with a known name has a part that looks like another name."""
        read = {word.phrase for word in self._words if word.part in self._read}
        return any(
            word.phrase in read and word.part not in self._read and _is_name(word)
            for word in self._words
        )

    def _longest(self, start: int) -> Mention | None:
        """Return the longest name that begins at the word `start`, or None."""
        for end in range(min(len(self._words), start + LONGEST_NAME), start, -1):
            if self._words[end - 1].phrase == self._words[start].phrase:
                mention = self._mention(start, end)
                if mention is not None:
                    return mention
        return None

    def _mention(self, start: int, end: int) -> Mention | None:
        """Return the name that the words from `start` to before `end` form, or None."""
        inside, before, after = self._around(start, end)
        first, last = inside[0].folded, inside[-1].folded
        if first in wording.LINKS - wording.ARTICLES or last in wording.LINKS - {"an"}:
            return None
        if any(a.folded in wording.COMPASS and b.folded == "of" for a, b in pairwise(inside)):
            return None
        area = _next_is(wording.AREA, before, after)
        town = _next_is(wording.TOWN, before, after)
        name = self._written(inside)
        if self._lexicon.is_country(name) and not (area or town):
            return self._found(inside, None)
        common = all(word.folded in wording.COMMON for word in inside)
        if common and not area and (before or after):
            return None
        meaning = self._area_in(inside) or self._lexicon.meaning(name, area=area, town=town)
        if meaning is None or (common and meaning.ground is Ground.TOWN):
            return None
        return self._ranked(meaning, inside, before, after, is_area=area)

    def _area_in(self, inside: _Words) -> Meaning | None:
        """Return the area of a name that ends with its kind, such as "Labé Region", or None."""
        if len(inside) == 1 or inside[-1].folded not in wording.AREA:
            return None
        meaning = self._lexicon.meaning(self._written(inside[:-1]), area=True)
        return None if meaning is None or meaning.ground is Ground.TOWN else meaning

    def _ranked(
        self, meaning: Meaning, inside: _Words, before: _Words, after: _Words, *, is_area: bool
    ) -> Mention | None:
        """Return a name with the rank that the words around it give.

        Return None if only something else is called after the place, such as a street.
        """
        end = self._words.index(inside[-1]) + 1
        follows = [word for word in self._words[end : end + 2] if word.phrase == inside[-1].phrase]
        if wording.is_namesake(before, after):
            return None
        is_far = wording.is_far(before)
        if is_far or wording.is_beside(before, after, follows):
            return self._found(inside, self._lexicon.beside(meaning, is_far=is_far), Rank.BESIDE)
        if is_area or all(word.folded in wording.IGNORED for word in (*before, *after)):
            return self._found(inside, meaning)
        if self._writes_capitals and not inside[0].is_capital:
            return None
        if before and before[-1].folded in {"in", "at"}:
            return self._found(inside, meaning)
        people = CITY if meaning.town is None else meaning.town.population
        beside = (*before[-1:], *after[:1])
        if people < IN_PASSING or (people <= CITY and any(map(_is_name, beside))):
            return None  # it may be a part of another name
        return self._found(inside, meaning, Rank.PASSING)

    def capital(self) -> list[Mention]:
        """Return the capital as if the text named it; [] if it is unknown."""
        meaning = self._lexicon.capital()
        return [self._found(self._words, meaning)] if meaning else []

    def _guess(self, part: _Words) -> Mention | None:
        """Return the capital or the misspelt name that makes up all of a part, or None."""
        if {"capital"} == {word.folded for word in part} - _AROUND_CAPITAL:
            return next(iter(self.capital()), None)
        inside_it = [index for index, word in enumerate(part) if word.folded in {"in", "at"}]
        part = part[inside_it[-1] + 1 :] if inside_it else part
        named = [word for word in part if word.folded not in wording.IGNORED]
        if not named or any(word.folded in wording.COMMON for word in named):
            return None
        if self._writes_capitals and not named[0].is_capital:
            return None
        inside = part[part.index(named[0]) : part.index(named[-1]) + 1]
        meaning = self._lexicon.guess(self._written(inside))
        return None if meaning is None else replace(self._found(inside, meaning), is_guess=True)

    def _found(self, inside: _Words, meaning: Meaning | None, rank: Rank = Rank.THERE) -> Mention:
        end = self._words.index(inside[-1]) + 1
        return Mention(end, inside[0].phrase, inside[0].part, meaning, rank)

    def _around(self, start: int, end: int) -> tuple[_Words, _Words, _Words]:
        """Return the words of a name, and those before and after it in the same part."""
        inside = self._words[start:end]
        before = [word for word in self._words[:start] if word.part == inside[0].part]
        after = [word for word in self._words[end:] if word.part == inside[-1].part]
        return inside, before, after

    def _written(self, inside: _Words) -> str:
        return self._text[inside[0].start : inside[-1].end]


def _is_name(word: Word) -> bool:
    return word.is_capital and word.folded not in wording.COMMON


def _next_is(kinds: frozenset[str], before: _Words, after: _Words) -> bool:
    """Return whether the text states the kind of a name: "Kara Region", "province of Kratie"."""
    if after and after[0].folded in kinds:
        return True
    last = [word.folded for word in before[-2:]]
    return bool(last) and (last[-1] in kinds or (last[-1] in {"of", "de"} and last[0] in kinds))
