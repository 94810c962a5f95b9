"""Placing an event by the words of its report: `place` and `country`, nothing else.

A text is searched for names, longest first: subdivisions, and towns of GeoNames, whose position
says in which subdivision they lie. What the names agree on is the answer. Where they disagree,
where a name stands for several, where the place lies beside the name ("north of"), or where
nothing is known, the answer is the country: a wrong subdivision is worse than none.
"""

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
IN_PASSING = 20_000  # people; smaller towns are not looked for inside longer texts


_AROUND_CAPITAL = frozenset({"the", "in", "city"}) | wording.WITHIN


class Rank(IntEnum):
    """How sure it is that an event was where a name says."""

    BESIDE = 0  # near Lomé
    PASSING = 1  # Lomé stock exchange
    THERE = 2  # Lomé; central Lomé; the exchange in Lomé


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text, up to the word `end`. Without a meaning it is the country's own."""

    end: int
    phrase: int
    part: int
    meaning: Meaning | None
    rank: Rank = Rank.THERE
    is_guess: bool = False

    @property
    def is_small(self) -> bool:
        """Whether the name may well be that of a place elsewhere that no list of towns has."""
        town = self.meaning and self.meaning.town
        return self.is_guess or (town is not None and town.population < CITY)


def place_by_words(text: str, lexicon: Lexicon) -> tuple[str | None, Ground]:
    """The subdivision a text places an event in, None for the country; and the ground of it."""
    if wording.says_national(text):
        return None, Ground.NATIONAL
    if wording.says_many(text):
        return None, Ground.SEVERAL
    reader = _Reader(text, lexicon)
    mentions = list(reader.mentions())
    names = [mention for mention in mentions if mention.meaning is not None]
    if not names:
        return None, Ground.NATIONAL if mentions else Ground.UNKNOWN
    if wording.says_route(text) and reader.has_unread_name():
        return None, Ground.UNSURE
    return _agreed(names if wording.says_route(text) else _surest(names))


def _surest(names: Sequence[Mention]) -> list[Mention]:
    """Names of the highest rank there is, and large ones in passing elsewhere in the text."""
    highest = max(mention.rank for mention in names)
    parts = {mention.part for mention in names if mention.rank == highest}
    return [
        mention
        for mention in names
        if mention.rank == highest
        or (mention.rank is Rank.PASSING and not mention.is_small and mention.part not in parts)
    ]


def _agreed(names: Sequence[Mention]) -> tuple[str | None, Ground]:
    """What the names of a text have in common."""
    meanings = [mention.meaning for mention in names if mention.meaning is not None]
    for meaning in reversed(meanings):
        # "Ho, Volta Region": a surer name says which of the places called so is meant.
        if meaning.region is not None and all(
            meaning.region == other.region
            or (
                meaning.region in other.possible
                and (other.region is None or meaning.ground is Ground.SUBDIVISION)
            )
            for other in meanings
        ):
            return meaning.region, meaning.ground
    final = meanings[-1]
    if final.ground is Ground.SUBDIVISION and final.town is None:
        # "Murambi, Eastern Province": a place of no list, and one elsewhere that is on it.
        if all(name.is_small and name.phrase < names[-1].phrase for name in names[:-1]):
            return final.region, final.ground
    regions = {meaning.region for meaning in meanings}
    grounds = {meaning.ground for meaning in meanings}
    return None, Ground.UNSURE if regions == {None} and grounds != {Ground.SEVERAL} else Ground.SEVERAL


class _Reader:
    """A text and the names of its country."""

    def __init__(self, text: str, lexicon: Lexicon) -> None:
        self._text = text
        self._lexicon = lexicon
        self._words = wording.read_words(text)
        self._writes_capitals = any(word.is_capital for word in self._words)
        self._read: set[int] = set()  # parts with a name

    def mentions(self) -> Iterator[Mention]:
        """The names in a text, each word in one of them at most."""
        index = 0
        while index < len(self._words):
            mention = self._longest(index)
            if mention is not None:
                self._read |= {word.part for word in self._words[index : mention.end]}
                yield mention
            index = index + 1 if mention is None else mention.end
        for part in sorted({word.part for word in self._words} - self._read):
            mention = self._guess([word for word in self._words if word.part == part])
            if mention is not None:
                self._read.add(part)
                yield mention

    def has_unread_name(self) -> bool:
        """Whether a part without a known name has what looks like one."""
        return any(
            word.part not in self._read and _is_name(word) for word in self._words
        )

    def _longest(self, start: int) -> Mention | None:
        """The longest name that begins with a word."""
        for end in range(min(len(self._words), start + LONGEST_NAME), start, -1):
            if self._words[end - 1].phrase == self._words[start].phrase:
                mention = self._mention(start, end)
                if mention is not None:
                    return mention
        return None

    def _mention(self, start: int, end: int) -> Mention | None:
        """The name that the words from `start` up to `end` are, if they are one."""
        inside, before, after = self._around(start, end)
        first, last = inside[0].folded, inside[-1].folded
        if first in wording.LINKS - wording.ARTICLES or last in wording.LINKS:
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
        meaning = self._lexicon.meaning(name, area=area, town=town)
        if meaning is None or (common and meaning.ground is Ground.TOWN):
            return None
        return self._ranked(meaning, inside, before, after, is_area=area)

    def _ranked(
        self, meaning: Meaning, inside: _Words, before: _Words, after: _Words, *, is_area: bool
    ) -> Mention | None:
        """A name among the words around it, None where something is only called so."""
        end = self._words.index(inside[-1]) + 1
        follows = [word for word in self._words[end : end + 2] if word.phrase == inside[-1].phrase]
        if wording.is_namesake(before, after):
            return None
        if wording.is_beside(before, after, follows):
            return self._found(inside, self._lexicon.beside(meaning), Rank.BESIDE)
        if is_area or all(word.folded in wording.IGNORED for word in (*before, *after)):
            return self._found(inside, meaning)
        if self._writes_capitals and not inside[0].is_capital:
            return None
        if before and before[-1].folded in {"in", "at"}:
            return self._found(inside, meaning)
        people = CITY if meaning.town is None else meaning.town.population
        beside = (*before[-1:], *after[:1])
        if people < IN_PASSING or (people <= CITY and any(map(_is_name, beside))):
            return None  # or a part of another name
        return self._found(inside, meaning, Rank.PASSING)

    def _guess(self, part: _Words) -> Mention | None:
        """The capital, or a misspelt name, that is all of a part."""
        capital = self._lexicon.capital()
        if capital and {"capital"} == {word.folded for word in part} - _AROUND_CAPITAL:
            return self._found(part, capital)
        named = [word for word in part if word.folded not in wording.COMMON]
        if not named or (self._writes_capitals and not named[0].is_capital):
            return None
        inside = part[part.index(named[0]) : part.index(named[-1]) + 1]
        meaning = self._lexicon.misspelt(self._written(inside))
        return meaning and replace(self._found(inside, meaning), is_guess=True)

    def _found(self, inside: _Words, meaning: Meaning | None, rank: Rank = Rank.THERE) -> Mention:
        end = self._words.index(inside[-1]) + 1
        return Mention(end, inside[0].phrase, inside[0].part, meaning, rank)

    def _around(self, start: int, end: int) -> tuple[_Words, _Words, _Words]:
        """The words of a name, and those before and after it in the same part."""
        inside = self._words[start:end]
        before = [word for word in self._words[:start] if word.part == inside[0].part]
        after = [word for word in self._words[end:] if word.part == inside[-1].part]
        return inside, before, after

    def _written(self, inside: _Words) -> str:
        return self._text[inside[0].start : inside[-1].end]


def _is_name(word: Word) -> bool:
    return word.is_capital and word.folded not in wording.COMMON


def _next_is(kinds: frozenset[str], before: _Words, after: _Words) -> bool:
    """Whether a name is said to be of a kind: "Kara Region", "province of Kratie"."""
    if after and after[0].folded in kinds:
        return True
    last = [word.folded for word in before[-2:]]
    return bool(last) and (last[-1] in kinds or (last[-1] in {"of", "de"} and last[0] in kinds))
