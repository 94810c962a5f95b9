"""Counts of the words in a web address by subject: crowds, arrests, crime, sport and others.

The words are listed in `data/story_words.toml`, in groups, in ten languages. They are compared
without case and accents. Only the number of words of each group is kept of an address.
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
_LONGEST_ADDRESS = 4_000  # letters of an address that are read
_LONGEST_WORD = 40  # letters of a word that are compared; no known word is longer
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENDING = "*"
_LETTERS = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
_ARABIC = re.compile("[؀-ۿ]")
_ARABIC_PREFIXES = ("وال", "بال", "ال", "لل", "و")  # the article and words joined to it


class Vocabulary:
    """An index of groups of words, which finds the groups of any word."""

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
        """Return the number of distinct words of an address in each group, int64 (groups,)."""
        found = np.zeros(len(self.groups), np.int64)
        for word in words_of(address):
            for group in self.groups_of(word):
                found[group] += 1
        return found

    def stems_and_words(self, group: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the stems and the whole words of a group, in lower case and without accents."""
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
    """Return the packaged vocabulary."""
    text = files("ingest").joinpath("data", "story_words.toml").read_text(encoding="utf-8")
    return Vocabulary(tomllib.loads(text))


def words_of(address: str) -> frozenset[str]:
    """Return the distinct words after the host of an address, in lower case without accents."""
    path = address[:_LONGEST_ADDRESS].partition("://")[2].partition("/")[2]
    found = _WORD.findall(_plain(unquote(path) if "%" in path else path))
    return frozenset(word[:_LONGEST_WORD] for word in found)


def _without_article(word: str) -> str:
    """Return an Arabic word without its article and the words joined to it, "" for other words."""
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
