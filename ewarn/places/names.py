"""Names as people write them: folded, and looked up with the exact before the likely."""

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
    """`name` without case, accents and punctuation: "Région de l'Est" is "region de est"."""
    text = name.casefold().translate(_LETTERS)
    text = _APOSTROPHE.sub("", _ELISION.sub("", text))
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain).strip()


# Words that say what kind of place it is, not which one, in the languages of the data.
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
    """A folded name without words like region or of; the name itself if nothing else is left."""
    kept = [word for word in folded.split() if word not in GENERIC]
    return " ".join(kept) or folded


# Choices of those who write a name in Latin letters: each of a pair stands for the same sound.
_SOUNDS = {
    "dzh": "j", "tch": "ch", "dj": "j", "dh": "d", "gh": "g", "kh": "k", "ph": "f",
    "ou": "u", "ck": "k", "q": "k", "w": "v", "y": "i",
}  # fmt: skip
_SOUND = re.compile("|".join(_SOUNDS))
_DOUBLED = re.compile(r"(.)\1+")
_WORDS = {"st": "saint", "ste": "sainte", "al": "", "el": "", "the": ""}


def squeeze(name: str) -> str:
    """A name without spaces, articles and the choices of transliteration, for looking it up.

    >>> squeeze("Al Qaṭīf") == squeeze("Katif"), squeeze("N Djamena") == squeeze("N'Djaména")
    (True, True)
    """
    folded = fold(name)
    joined = "".join(_WORDS.get(word, word) for word in folded.split())
    sounds = _SOUND.sub(lambda match: _SOUNDS[match[0]], joined or folded)
    return _DOUBLED.sub(r"\1", sounds)


class Misspelt:
    """Names found with one letter wrong, missing, too many, or swapped with its neighbour; or
    with two such slips.

    Two words are one slip apart if they are the same once either lost one letter or none. First
    letters are seldom wrong and have to agree. Names under six letters, under eight with two
    slips, are left out: there they make too many others of them.
    """

    def __init__(self, names: Iterable[tuple[str, str]], slips: int = 1) -> None:
        """`names` are pairs of a squeezed name and what it stands for."""
        self._slips = slips
        self._long_enough = _LONG_ENOUGH[slips]
        self._meant: dict[str, set[str]] = defaultdict(set)
        for name, meaning in names:
            if len(name) >= self._long_enough:
                for form in _with_slips(name, slips):
                    self._meant[form].add(meaning)

    def find(self, name: str) -> set[str]:
        """What a squeezed name may have been meant for."""
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


class Mangled:
    """Names whose letters beyond ASCII were lost, as archives do: "Chi in u", "S  o Paulo"."""

    def __init__(self, names: Iterable[str]) -> None:
        """`names` with the likelier first."""
        self._whole: dict[tuple[str, ...], str] = {}
        for name in names:
            left = tuple(_FRAGMENT.findall(name.lower()))
            if not name.isascii() and len("".join(left)) >= _LEFT:
                self._whole.setdefault(left, name)
        self._longest = max(map(len, self._whole), default=0)

    def mended(self, text: str) -> str:
        """A text with such names written out."""
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


_LEFT = 5  # letters that are left, for a name to be known again
_BETWEEN = re.compile(r"[^\sA-Za-z0-9?'’-]|\s{3}")


class Names:
    """Which ids a name may mean.

    `spellings` are the names of each id, the default one first; `aliases` (name, id) are said to
    hold and come before them; `groups` (name, id) are coarser divisions that hold the id.
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
        """The one id that bears a name, None where none or several do."""
        folded = fold(name)
        for ids in (_either(self._aliases, folded), self._bearers(folded)):
            if len(ids) == 1:
                return next(iter(ids))
        return None

    def meanings(self, name: str) -> set[str]:
        """Every id a name may stand for: those that bear it and those in a group called so."""
        folded = fold(name)
        return (
            _either(self._aliases, folded) | self._bearers(folded) | _either(self._groups, folded)
        )

    def _bearers(self, folded: str) -> set[str]:
        """Ids called so by default, else by any name, else by any without its generic words.

        Each of the three holds the one before it, so what is ambiguous in one stays so.
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
    """Ids under a folded name as it stands, else under it without generic words."""
    return table.get(folded) or table.get(strip_generic(folded)) or set()
