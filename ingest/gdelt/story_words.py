"""What the words of a web address speak of: crowds, arrests, crime, sport and the like.

The words stand in `data/story_words.toml`, in groups, in ten languages. Words are compared without
case and accents. Nothing of an address is kept but how many of its words are of which group.
"""

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

_MOST_REMEMBERED = 200_000  # words; each takes some 100 bytes
_LONGEST_ADDRESS = 4_000  # letters that are read of one
_LONGEST_WORD = 40  # letters of a word that are compared; no known word is longer
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENDING = "*"
_LETTERS = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_ARABIC = re.compile("[؀-ۿ]")
_ARABIC_PREFIXES = ("وال", "بال", "ال", "لل", "و")  # the article and what is written before it


class Vocabulary:
    """Groups of words by name, and the groups that any word belongs to."""

    def __init__(self, groups: dict[str, str]) -> None:
        self.groups = tuple(groups)
        self._whole: dict[str, set[int]] = {}
        self._stems: dict[str, set[int]] = {}
        for number, text in enumerate(groups.values()):
            for word in text.split():
                known = self._stems if word.endswith(_ENDING) else self._whole
                known.setdefault(_plain(word.rstrip(_ENDING)), set()).add(number)
        self.groups_of = lru_cache(_MOST_REMEMBERED)(self._groups_of)

    def counts(self, address: str) -> IntArray:
        """How many different words of an address belong to each group, int64 (groups,)."""
        found = np.zeros(len(self.groups), np.int64)
        for word in words_of(address):
            for group in self.groups_of(word):
                found[group] += 1
        return found

    def stems_and_words(self, group: str) -> tuple[frozenset[str], frozenset[str]]:
        """The stems and the whole words of a group, in lower case and without accents."""
        number = self.groups.index(group)
        stems, words = (
            frozenset(word for word, numbers in known.items() if number in numbers)
            for known in (self._stems, self._whole)
        )
        return stems, words

    def _groups_of(self, word: str) -> frozenset[int]:
        return self._known(word) or self._known(_without_article(word))

    def _known(self, word: str) -> frozenset[int]:
        found = set(self._whole.get(word, ()))
        for length in range(2, len(word) + 1):
            found |= self._stems.get(word[:length], set())
        return frozenset(found)


@lru_cache(maxsize=1)
def load_vocabulary() -> Vocabulary:
    """The words that come with the package."""
    text = files("ingest").joinpath("data", "story_words.toml").read_text(encoding="utf-8")
    return Vocabulary(tomllib.loads(text))


def words_of(address: str) -> frozenset[str]:
    """The different words behind the host of an address, in lower case and without accents."""
    path = address[:_LONGEST_ADDRESS].partition("://")[2].partition("/")[2]
    found = _WORD.findall(_plain(unquote(path) if "%" in path else path))
    return frozenset(word[:_LONGEST_WORD] for word in found)


def _without_article(word: str) -> str:
    """An Arabic word without its article and what is written before it; empty for any other."""
    if not _ARABIC.match(word):
        return ""
    bare = next((p for p in _ARABIC_PREFIXES if word.startswith(p)), "")
    return word[len(bare) :] if bare and len(word) > len(bare) + 2 else ""


def _plain(text: str) -> str:
    lower = text.lower()
    if lower.isascii():
        return lower
    apart = unicodedata.normalize("NFKD", lower.translate(_LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
