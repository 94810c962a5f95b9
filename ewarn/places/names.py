"""Normalisation and lookup of names as people write them: exact matches before likely ones."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e"}
)
_ELISION = re.compile(r"\b[dl]['’ʼ`´](?=\w)")
_APOSTROPHE = re.compile(r"['’ʼ`´‘ʻʿʾ]")
_NOT_WORD = re.compile(r"[\W_]+")


@lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """Return a name without case, accents and punctuation: "Région de l'Est" is "region de est"."""
    text = name.casefold().translate(_LETTERS)
    text = _APOSTROPHE.sub("", _ELISION.sub("", text))
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain).strip()


# Words in the languages of the data that say what kind of place a name means, but not which one.
_GENERIC = """
region regions regione regiao province provinces provincia provincie provinz prefecture
department departement departamento state states estado etat governorate gouvernorat
muhafazat muhafazah oblast oblasti kray krai rayon raion okrug district districts distrito
division county canton municipality municipio wilaya wilayah wilayat velayat vilayet
voivodeship voblast shahrestan ostan changwat
the of and de del della des du da do dos das d l la le les el al ad los las
область край район округ провинция регион департамент штат
محافظه محافظة ولايه ولاية اقليم منطقه منطقة مقاطعه مقاطعة قضاء
"""
GENERIC = frozenset(fold(_GENERIC).split())


def strip_generic(folded: str) -> str:
    """Return a folded name without words like "region" or "of", or all of it if nothing is left."""
    kept = [word for word in folded.split() if word not in GENERIC]
    return " ".join(kept) or folded


# Different transliterations into Latin letters: both spellings of a pair stand for the same sound.
_SOUNDS = {
    "dzh": "j", "tch": "ch", "dj": "j", "dh": "d", "gh": "g", "kh": "k", "ph": "f",
    "ou": "u", "ck": "k", "q": "k", "w": "v", "y": "i",
}  # fmt: skip
_SOUND = re.compile("|".join(_SOUNDS))
_DOUBLED = re.compile(r"(.)\1+")
_WORDS = {"st": "saint", "ste": "sainte", "al": "", "el": "", "the": ""}


def squeeze(name: str) -> str:
    """Return the lookup key of a name: no spaces or articles, and one spelling for each sound.

    >>> squeeze("Al Qaṭīf") == squeeze("Katif"), squeeze("N Djamena") == squeeze("N'Djaména")
    (True, True)
    """
    folded = fold(name)
    joined = "".join(_WORDS.get(word, word) for word in folded.split())
    sounds = _SOUND.sub(lambda match: _SOUNDS[match[0]], joined or folded)
    return _DOUBLED.sub(r"\1", sounds)


class MisspeltNames:
    """An index of names that finds misspelt ones, with one slip or with two.

    A slip is a letter that is wrong, missing, too many, or swapped with its neighbour. Two words
    are one slip apart if they become equal when at most one letter of each is removed. First
    letters are seldom wrong and must be equal. Names under six letters (under eight for two slips)
    are left out, because slips turn them into too many other names.
    """

    def __init__(self, names: Iterable[tuple[str, str]], slips: int = 1) -> None:
        """Build the index; `names` are pairs of a squeezed name and its meaning."""
        self._slips = slips
        self._long_enough = _LONG_ENOUGH[slips]
        self._meant: dict[str, set[str]] = defaultdict(set)
        for name, meaning in names:
            if len(name) >= self._long_enough:
                for form in _with_slips(name, slips):
                    self._meant[form].add(meaning)

    def find(self, name: str) -> set[str]:
        """Return the meanings that a squeezed, perhaps misspelt name may have."""
        if len(name) < self._long_enough - 1:
            return set()
        forms = _with_slips(name, self._slips)
        return {meaning for form in forms for meaning in self._meant.get(form, ())}


_LONG_ENOUGH = {1: 6, 2: 8}  # letters, by slips


def _with_slips(name: str, slips: int) -> set[str]:
    forms = {name}
    for _ in range(slips):
        forms |= {form[:i] + form[i + 1 :] for form in forms for i in range(1, len(form))}
    return forms


_FRAGMENT = re.compile(r"[A-Za-z0-9]+")


class MangledNames:
    """An index of names that lost their non-ASCII letters, as in archives: "S  o Paulo"."""

    def __init__(self, names: Iterable[str]) -> None:
        """Build the index; `names` are ordered from the most likely to the least."""
        self._whole: dict[tuple[str, ...], str] = {}
        for name in names:
            left = tuple(_FRAGMENT.findall(name.lower()))
            if not name.isascii() and len("".join(left)) >= _LEFT:
                self._whole.setdefault(left, name)
        self._longest = max(map(len, self._whole), default=0)

    def mended(self, text: str) -> str:
        """Return a text in which such names are restored."""
        words = list(_FRAGMENT.finditer(text))
        index, upto, parts = 0, 0, []
        while index < len(words):
            for end in range(min(len(words), index + self._longest), index + 1, -1):
                whole = self._whole.get(tuple(word[0].lower() for word in words[index:end]))
                if whole and not _BETWEEN.search(text[words[index].start() : words[end - 1].end()]):
                    parts += [text[upto : words[index].start()], whole]
                    upto, index = words[end - 1].end(), end - 1
                    break
            index += 1
        return "".join([*parts, text[upto:]])


_LEFT = 5  # letters that must be left of a name, so that it can be recognised
_BETWEEN = re.compile(r"[^\sA-Za-z0-9?'’-]|\s{3}")


class Names:
    """An index of the ids that a name may mean.

    `spellings` are the names of each id, the default one first. `aliases` (name, id) are stated by
    hand and take precedence over them. `groups` (name, id) are coarser divisions that contain the
    id.
    """

    def __init__(
        self,
        spellings: Mapping[str, Iterable[str]],
        aliases: Iterable[tuple[str, str]] = (),
        groups: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._default: dict[str, set[str]] = defaultdict(set)
        self._any: dict[str, set[str]] = defaultdict(set)
        self._stripped: dict[str, set[str]] = defaultdict(set)
        for id_, names in spellings.items():
            for position, name in enumerate(names):
                folded = fold(name)
                if position == 0:
                    self._default[folded].add(id_)
                self._any[folded].add(id_)
                self._stripped[strip_generic(folded)].add(id_)
        self._aliases = _folded(aliases)
        self._groups = _folded(groups)

    def bearer(self, name: str) -> str | None:
        """Return the only id that has this name, or None if no id or several have it."""
        folded = fold(name)
        for ids in (_either(self._aliases, folded), self._bearers(folded)):
            if len(ids) == 1:
                return next(iter(ids))
        return None

    def meanings(self, name: str) -> set[str]:
        """Return every id that a name may mean: those with this name, and those in such a group."""
        folded = fold(name)
        return (
            _either(self._aliases, folded) | self._bearers(folded) | _either(self._groups, folded)
        )

    def _bearers(self, folded: str) -> set[str]:
        """Return ids with this default name, else with any such name, else without generic words.

        Each of these three indexes contains the one before it, so a name that is ambiguous in one
        stays ambiguous in the next.
        """
        if not folded:
            return set()
        return (
            self._default.get(folded)
            or self._any.get(folded)
            or self._stripped.get(strip_generic(folded))
            or set()
        )


def _folded(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, id_ in pairs:
        found[fold(name)].add(id_)
    return dict(found)


def _either(table: Mapping[str, set[str]], folded: str) -> set[str]:
    """Return the ids of a folded name, or else those of the name without generic words."""
    return table.get(folded) or table.get(strip_generic(folded)) or set()
