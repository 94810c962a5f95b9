"""Roles, not persons: owners, addressees and holders of keys are functions or offices.

A title, an e-mail address or a telephone number is how a person creeps in. What looks like one is
refused aloud, so that whoever wrote it can put the role in its place. A bare name cannot be told
from a role, so nothing here claims that none gets through.
"""

import re
import unicodedata

from ewarn.errors import UsageError

_ADDRESS = re.compile(r"@|[\[(]\s*at\s*[\])]", re.IGNORECASE)
# Seven digits and more, however they are grouped: +228 90 12 34 56, 90/12/34/56, (0)1.42.34.56.78
_TELEPHONE = re.compile(r"\+?\(?\d(?:[\s./()_,:*\u00b7\u2010-\u2015\u2212-]*\d){6,}")
# Days, spans of years and numbers of cases are no telephone numbers.
_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b(?:19|20)\d\d\s?[-/–]\s?\d+\b")
# Words that stand before a name and never before a role.
_TITLES = (
    *("mr", "mrs", "ms", "miss", "mx", "mister", "madam", "sir", "dame", "lord", "lady"),
    *("mme", "mmes", "mlle", "mlles", "monsieur", "messieurs", "madame", "mesdames"),
    *("mademoiselle", "dr", "dre", "drs", "prof", "pr", "profesor", "hon", "rev", "revd"),
    *("honourable", "honorable", "excellency", "excellence", "mgr", "monseigneur", "cardinal"),
    *("archbishop", "archeveque", "abbe", "soeur", "sœur", "frere", "rabbi", "alhaji", "elhadj"),
    *("hadja", "veuve", "vve", "batonnier", "barrister", "phd", "gen", "cdt", "lt", "sgt", "capt"),
    *("col", "insp", "adjt"),
    *("sr", "sra", "srta", "señor", "señora", "don", "doña", "frau", "herr", "sheikh", "cheikh"),
)
# Words that stand before a name, and before a role too: "Doctor Kossi", but "doctor on duty".
_RANKS = (
    *("docteur", "docteure", "doctor", "doctora", "professeur", "professeure", "professor"),
    *("maitre", "me", "general", "colonel", "major", "captain", "capitaine", "commandant"),
    *("lieutenant", "sergeant", "sergent", "adjudant", "brigadier", "inspector", "inspecteur"),
    *("commissaire", "judge", "juge", "justice", "minister", "ministre", "senator", "senateur"),
    *("depute", "deputee", "president", "presidente", "ambassador", "ambassadeur"),
    *("ambassadrice", "bishop", "eveque", "father", "pere", "pastor", "pasteur", "imam", "el hadj"),
)
_TITLE = re.compile(rf"\b(?:{'|'.join(_TITLES)})\b\.?|\bM\.", re.IGNORECASE)
_RANKED_NAME = re.compile(
    rf"\b(?i:{'|'.join(_RANKS)})\b[\s.:,;'\"’-]+"
    rf"(?:(?:d[aeiou]s?|l[ae]|v[ao]n|bin|ben|el|al|d)[\s'’]+)*(?:[A-Z]\.\s*)*[^\W\d_a-z][\w'’-]+"
)
# What begins like a title and is none.
_NO_TITLE = re.compile(
    r"\bD\.?R\.?\s+(?:du\s+)?Congo\b|\bPR\s+(?:team|desk|officer|unit|office)\b|\bMS\s+Teams\b|"
    r"\bSr\.?\s+(?:[\w-]+\s+)*?(?:Officer|Adviser|Advisor|Manager|Expert|Analyst)\b|"
    r"\bDon\s+Bosco\b|\bInstitut\s+Pasteur\b",
    re.IGNORECASE,
)
# What may follow a rank and begins with a capital, without being a name.
_OFFICES = re.compile(
    r"\b(?i:Justice|President|Minister|Ministre|General|Judge|Juge|Inspector|Imam|Major)\s+"
    r"(?:Ministry|Department|Office|Secretariat|Assembly|Council|Court|Delegate|Commission|"
    r"Counsel|Directorate|Inspectorate|Committee|Unit|Desk|Team|Division|Staff|Prosecutor|"
    r"General|Advocate|Affairs|Incidents|Events|Cour|Centre|Center|Bureau)\b"
)


def looks_like_a_person(text: str) -> bool:
    """Whether a text holds a title before a name, an e-mail address or a telephone number.

    >>> looks_like_a_person("Docteur Kossi"), looks_like_a_person("Ministry of Justice")
    (True, False)
    """
    wide = unicodedata.normalize("NFKC", text)
    bare = "".join(c for c in unicodedata.normalize("NFD", wide) if not unicodedata.combining(c))
    without_days = _DAY.sub(" ", bare)
    wide, bare = _NO_TITLE.sub(" ", wide), _NO_TITLE.sub(" ", bare)
    return bool(
        _ADDRESS.search(bare)
        or _TELEPHONE.search(without_days)
        or _TITLE.search(wide)
        or _TITLE.search(bare)
        or _RANKED_NAME.search(_OFFICES.sub(" ", bare))
    )


def require_role(text: str, what: str) -> str:
    """A role or an office, trimmed; raises UsageError where it looks like a person's."""
    if looks_like_a_person(text):
        raise UsageError(
            f"{what} must be a role or an office, without title, address or telephone number"
        )
    return text.strip()
