"""Analysis of how reports describe a place: the parts of a text and the roles of its words.

Examples are "in front of the National Press Club in Dhaka", "Kumba, Southwest Region", "Lomé and
Kara", and "nationwide, including Dakar". The words are English, the language of the archives; words
for "nationwide" are also known in French and Spanish.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ewarn.places.names import MisspeltNames, fold


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AREA = _words("""
province region state governorate county department departement oblast prefecture wilaya emirate
canton zone division voivodeship voivodship territory provincia departamento estado
""")
TOWN = _words("city town village township municipality commune capital ville ciudad tambon")
# Words for a part of a place.
WITHIN = _words("""
central centre center inner outer upper lower greater district ward locality
constituency subdistrict area districts wards areas provinces regions states counties departments
cities towns villages island islands peninsula valley coast slum neighborhood neighbourhood
quarter estate camp downtown upazila upazilla thana tehsil taluk taluka amphoe kebele
woreda subcounty hamlet settlement barangay arrondissement raion rayon block ward compound
""")
COMPASS = _words("""
north south east west northern southern eastern western northeast northwest southeast southwest
northeastern northwestern southeastern southwestern
""")
# Words for a location near a place and not in it.
BESIDE = _words("near nearby outside outskirts around surrounding suburb suburbs off")
LENGTH = _words("km kilometer kilometers kilometre kilometres mile miles")
# Things that are often named after places and people elsewhere: Tripoli Street, Bolívar Square.
NAMESAKE = _words("""
street road avenue square plaza boulevard bridge roundabout lane drive circle crossing junction
hotel embassy consulate embassies park gardens rue place avenida calle
""")
# Things that lead from one place to another.
ROUTE = _words("road highway expressway border railroad railway motorway")
ARTICLES = _words("la le les el los las al l san santa saint st")
LINKS = _words("""
a an the of in at on by for from into along inside within front s de del du des d y via part parts
whole entire local main various throughout across
""")
_THINGS = _words("""
airport university universities college school schools campus campuses prison jail hospital mosque
church cathedral stadium parliament court courts ministry ministries palace presidential president
office offices headquarters building buildings government national police station market port
harbor harbour assembly senate house residence commission company factory plant mine club bank
capital streets roads highways borders party union federal supreme high
community communities camp reservation memorial monument museum library theatre theater hall
press independence freedom liberty republic constitution students workers protest demonstration
demonstrations strike march rally urban rural refugee industrial education health interior justice
energy defense defence finance foreign affairs ambassador prime minister electoral election
supermarket shopping terminal train bus international polytechnic institute academy level
unknown unidentified unspecified online likely possibly other several many
""")
IGNORED = AREA | TOWN | WITHIN | COMPASS | LINKS
COMMON = IGNORED | BESIDE | LENGTH | NAMESAKE | ROUTE | _THINGS

_NATIONAL = re.compile(
    r"^(?:and )?(?:at )?(?:the |a |nivel )?(?:national|nacional)(?:ly|e)?"
    r"(?: (?:level|wide|in scope|strike|strikes|protest|demonstration|march|including|with)\b.*)?$"
    r"|\b(?:nation|country) ?wide\b"
    r"|\b(?:across|throughout|all over|around|whole|entire|rest of) (?:of )?(?:the )?"
    r"(?:country|nation)\b"
    r"|\b(?:tout le|a travers le|todo el) pa[iy]s\b"
)
_WIDE = MisspeltNames([("nationwide", "wide"), ("countrywide", "wide"), ("national", "")])
# Institutions of the state: if no place is named, the one in the capital is meant.
_SEAT = re.compile(
    r"\b(?:national assembly|parliament|congress|senate|supreme court|constitutional court"
    r"|(?:presidential|president s|president) (?:palace|villa|office|residence)|state house"
    r"|(?:prime minister|prime minister s) (?:office|residence)|federal ministry"
    r"|ministry of \w+|\w+ ministry|government house|central bank)\b"
)
_PLACES = (
    r"(?:cities|towns|villages|provinces|states|regions|districts|places|parts|locations|areas"
    r"|governorates|counties|departments|municipalities|communities|islands)\b"
)
_OTHER = re.compile(rf"\bother\b.*\b{_PLACES}")
_MANY = re.compile(
    r"\b(?:several|various|many|multiple|numerous|dozens|hundreds|different|some|all|both|largest"
    r"|major|two|three|four|five|six|seven|eight|nine|ten|\d+)\b.*"
    rf"\b{_PLACES}(.*)"
)
_INCLUDING = re.compile(r"^ (?:including|such as|like|for example)\b|\bincluding\b")

_BREAK = r"[,;:/()\[\]|\n]+"
_WEAK_BREAK = r"\s{2,}|\s[-–—]+\s|[&+.]|\b(?i:and|or|to|between|towards|through|with)\b"
_TOKEN = re.compile(
    rf"(?P<hard>{_BREAK})|(?P<soft>{_WEAK_BREAK})|(?P<word>[^\W_]+(?:['’ʼ`][^\W_]+)*)"
)
_LIST = re.compile(r";|&|\band\b", re.IGNORECASE)
_ROUTE = re.compile(r"\w\s+to\s+\w|\bbetween\b|\btowards\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text; a name may extend over several parts of a phrase, not over phrases."""

    start: int
    end: int
    folded: str
    is_capital: bool
    phrase: int
    part: int


def read_words(text: str) -> list[Word]:
    """Return the words of a text; phrases end at commas, parts at wide spaces, "and" and "to"."""
    found: list[Word] = []
    phrase = part = 0
    for token in _TOKEN.finditer(text):
        if token["word"] is None:
            part += 1
            phrase += token["hard"] is not None
            continue
        word = token["word"]
        is_capital = word[0].isupper() or not word[0].isascii()
        found.append(Word(token.start(), token.end(), fold(word), is_capital, phrase, part))
    return found


def says_national(text: str) -> bool:
    """Return whether a text says that the event happened in the whole country."""
    return any(
        _NATIONAL.search(phrase)
        or "" in _WIDE.find(phrase)
        or any("wide" in _WIDE.find(word) for word in phrase.split())
        for phrase in _phrases(text)
    )


def says_many(text: str) -> bool:
    """Return whether a text refers to several places, and names none or only examples."""
    phrases = list(_phrases(text))
    return any(_OTHER.search(phrase) for phrase in phrases) or any(
        match is not None and (not match[1] or _INCLUDING.search(match[1]) is not None)
        for match in map(_MANY.search, phrases)
    )


def says_seat(text: str) -> bool:
    """Return whether a text names an institution of the state that is in the capital."""
    return any(_SEAT.search(phrase) for phrase in _phrases(text))


def says_route(text: str) -> bool:
    """Return whether a text describes a way from one place to another."""
    return _ROUTE.search(text) is not None


def is_list(text: str) -> bool:
    """Return whether a text lists several places with "and" or ";".

    A comma alone may also separate a place from the larger one that contains it.
    """
    return _LIST.search(text) is not None


def is_beside(before: Sequence[Word], after: Sequence[Word], follows: Sequence[Word]) -> bool:
    """Return whether the words around a name put the event near it: "suburb of".

    `follows` are the next words, which may belong to another part: "and surrounding villages".
    """
    return (
        _leading(before) in BESIDE
        or any(word.folded in BESIDE for word in after[:1])
        or any(word.folded == "surrounding" for word in follows)
    )


def is_far(before: Sequence[Word]) -> bool:
    """Return whether the words before a name lead away from it: "20 km from", "north of"."""
    away = [word.folded for word in before if word.folded not in TOWN | {"the"}][-2:]
    return _leading(before) in LENGTH or (away[-1:] == ["of"] and away[0] in COMPASS)


def _leading(before: Sequence[Word]) -> str:
    """Return the word before a name, skipping links and kinds: "outskirts" of "outskirts of the".

    Return "" if there is none.
    """
    for word in reversed(before):
        if word.folded not in LINKS | TOWN | AREA:
            return word.folded
    return ""


def is_namesake(before: Sequence[Word], after: Sequence[Word]) -> bool:
    """Return whether the words around a name show that it is the name of a street or the like."""
    if after and after[0].folded in NAMESAKE:
        return True
    if after and after[0].folded in ROUTE:
        return not before
    # This accepts "Plaza de Bolívar", but not "Trafalgar Square London".
    return (
        bool(before)
        and before[0].folded in NAMESAKE
        and {word.folded for word in before[1:]} <= {"de", "la", "del", "du", "des", "of"}
    )


def _phrases(text: str) -> Iterator[str]:
    for phrase in re.split(rf"{_BREAK}|\s{{2,}}|\s[-–—]+\s", text):
        if folded := fold(phrase):
            yield folded
