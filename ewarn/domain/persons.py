"""Check that a text names a role, not a person: owners, addressees and key holders are roles.

Persons appear in a text by a title, a rank before a name, an e-mail address or a telephone number.
Such a text is refused with an error, so that its author can name the role instead. A bare name
cannot be distinguished from a role, so this check does not find every person.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from ewarn.domain.person_words import (
    AMBIGUOUS_RANKS,
    BODIES,
    LINKS,
    LOOK_ALIKES,
    OF_OFFICES,
    OF_PERSONS,
    PARTICLES,
    POSTNOMINALS,
    PROFESSIONS,
    ROLE_WORDS,
    TITLES,
)
from ewarn.errors import UsageError

_ADDRESS = re.compile(
    r"@|\barobase\b|[\[({]\s*at\s*[\])}]|(?:\bat\s+|[\[({]\s*a\s*[\])}]\s*)[\w.-]+\.[a-z]{2,}\b",
    re.IGNORECASE,
)
# Seven digits or more in any grouping: +228 90 12 34 56, 90/12/34/56, (0)1.42.34.56.78
_TELEPHONE = re.compile(
    r"\+?\(?\d(?:[\s./()_,:;*|'’~\\\u00b7\u2022\u2010-\u2015\u2044\u2212\u2215-]*\d){6,}"
)
# A telephone number in a text that lists numbers of paragraphs: only with a plus sign, or in pairs
# of digits.
_TELEPHONE_AMONG_NUMBERS = re.compile(
    r"\+\(?\d(?:[\s./()-]*\d){6,}|(?<![\d.])\d\d(?:[\s./|;'’~\\\u00b7\u2022\u2044\u2215-]?\d\d){3,}(?!\d)"
)
# Days, spans of years and numbers of cases are no telephone numbers.
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b(?:19|20)\d\d\s?[-/–]\s?\d{1,7}\b")
_TITLE = re.compile(
    rf"\b(?:{'|'.join(TITLES)})\b\.?|\bM\.|\bph\.?\s?d\b"
    r"|\b(?:d\.\s?r|m\.\s?r|h\.\s?e|s\.\s?e(?!\.?\s+asia))\b\.?(?=\s*(?-i:[A-Z]))",
    re.IGNORECASE,
)
_THEN_RANK = r"\s*(?:[,(;/]|\s[-–—])\s*(?i:{})\s*\)?\s*$"
_POSTNOMINAL = re.compile(rf"\w[\s,(]+(?:{'|'.join(POSTNOMINALS)})\b\.?\)?\s*$")
_PERSON_THEN_RANK = re.compile(
    r"^\s*[A-Z][\w'’-]+(?:\s+[A-Z][\w'’.-]*)*" + _THEN_RANK.format("|".join(OF_PERSONS))
)
# A single word before the rank of an office may be its place: "Kara, prefet".
_NAME_THEN_OFFICE = re.compile(
    r"^\s*((?:[A-Z][\w'’.-]*\s+)+[A-Z][\w'’-]+)"
    + _THEN_RANK.format("|".join(OF_OFFICES | PROFESSIONS))
)
# Phrases that begin like a title or a rank and are none.
_NO_TITLE = re.compile(
    r"\bD\.?R\.?\s+(?:du\s+)?Congo\b|\bPR\s+(?:team|desk|officer|unit|office)\b|\bMS\s+Teams\b|"
    r"\bSr\.?\s+(?:[\w-]+\s+)*?(?:Officer|Adviser|Advisor|Manager|Expert|Analyst)\b|"
    r"\bDon\s+Bosco\b|\bInstitut\s+Pasteur\b|\bPrince\s+Edward\s+Island\b|\bM\s*&\s*E\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_RANKS = OF_PERSONS | OF_OFFICES | AMBIGUOUS_RANKS | PROFESSIONS


def looks_like_a_person(text: str) -> bool:
    """Return whether a text has a title, a ranked name, an e-mail address or a telephone number.

    >>> looks_like_a_person("Docteur Kossi"), looks_like_a_person("Ministry of Justice")
    (True, False)
    """
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")  # soft hyphens and the like
    wide = unicodedata.normalize("NFKC", seen).translate(LOOK_ALIKES).replace("_", " ")
    bare = "".join(c for c in unicodedata.normalize("NFD", wide) if not unicodedata.combining(c))
    without_days = _DAY.sub(" ", bare)
    wide, bare = _NO_TITLE.sub(" ", wide), _NO_TITLE.sub(" ", bare)
    return bool(
        _ADDRESS.search(bare)
        or _TELEPHONE.search(without_days)
        or _TITLE.search(wide)
        or _TITLE.search(bare)
        or _POSTNOMINAL.search(bare)
        or _PERSON_THEN_RANK.search(bare)
        or _is_name_then_office(bare)
        or _has_ranked_name(_WORD.findall(bare))
    )


def _is_name_then_office(text: str) -> bool:
    """Return whether a name of several words, none of them of a role, precedes an office's rank."""
    found = _NAME_THEN_OFFICE.search(text)
    return found is not None and not any(
        word.lower() in ROLE_WORDS for word in _WORD.findall(found[1])
    )


def _has_ranked_name(words: Sequence[str]) -> bool:
    """Return whether any rank precedes a name."""
    return any(
        word.lower() in _RANKS and _is_before_a_name(word.lower(), words[place + 1 :])
        for place, word in enumerate(words)
    ) or _has_monsieur(words)


def _is_before_a_name(rank: str, words: Sequence[str]) -> bool:
    """Return whether a name follows a rank: the first word that belongs to no role is a name.

    After "of" a rank has its place, and an office also after "de". A person may be called "de
    Souza".
    """
    if rank in AMBIGUOUS_RANKS and words and words[-1].lower() in BODIES:
        return False
    linked = False
    for word in words:
        lower = word.lower()
        if lower in LINKS:
            linked = linked or lower == "of" or rank not in OF_PERSONS
        elif lower in ROLE_WORDS or lower in _RANKS or word[0].isdecimal():
            linked = False
        elif lower not in PARTICLES:
            return not linked and (word[0].isupper() or rank not in AMBIGUOUS_RANKS | PROFESSIONS)
    return False


def _has_monsieur(words: Sequence[str]) -> bool:
    """Return whether a text has `M Kossi`, without the point."""
    pairs = pairwise(words)
    return any(
        word == "M" and next_[0].isupper() and len(next_) > 1 and next_.lower() not in ROLE_WORDS
        for word, next_ in pairs
    ) or (len(words) > 1 and words[0] == "m")


def require_no_contact(text: str, what: str) -> str:
    """Return a text that may list numbers, if it holds no mail address or telephone number.

    Raises:
        UsageError: It holds one.
    """
    plain = unicodedata.normalize("NFKC", text)
    if _ADDRESS.search(plain) or _TELEPHONE_AMONG_NUMBERS.search(_DAY.sub(" ", plain)):
        raise UsageError(f"{what} must hold no e-mail address and no telephone number")
    return text


def require_role(text: str, what: str) -> str:
    """Return a role or an office, trimmed.

    Raises:
        UsageError: It looks like the name or contact of a person.
    """
    if looks_like_a_person(text):
        raise UsageError(
            f"{what} must be a role or an office, without title, address or telephone number"
        )
    return text.strip()
