"""Positions written into a text, which would tell a place more exactly than this service may."""

import re
import unicodedata

_POINT = "[.,\u066b]"
# Three digits after a comma are thousands more often than degrees.
_EXACT = r"(?<!\d)\d{1,3}(?:[.\u066b]\d{3,}|,\d{4,})(?!\d)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_EXACT}[^\d\n]{{0,20}}{_EXACT}",
        rf"(?<!\d)(?<!\d[.,])\d{{1,3}}{_POINT}\d{{4,}}(?!\d|e[+-]?\d)",
        rf"(?:@|(?<![a-z])(?:geo|lat(?:itude)?|lon(?:gitude)?|lng))[\W_]{{0,3}}\d{{1,3}}{_POINT}\d",
        r"(?<!\d)\d{1,3}[\s-]\d{1,2}[\s-]\d{1,2}(?:[.,]\d+)?\s*[NS]\b",  # degrees, minutes, seconds
        # An open location code, as maps give one
        r"\b(?=[a-z+]*\d)[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,}",
    )
)
_DEGREES = re.compile(r"\d\s*[°º˚]\s*(?:\d|[NSEWO]\b)", re.IGNORECASE)


def holds_position(text: str) -> bool:
    """Whether a text holds a position finer than this service keeps: decimal degrees, degrees and
    minutes, or a code of a spot.

    >>> holds_position("Home 6.1374561/1.2123456"), holds_position("1,200 to 1,500 people")
    (True, False)
    """
    if _DEGREES.search(text):
        return True
    plain = unicodedata.normalize("NFKC", text)
    return any(pattern.search(plain) for pattern in _PATTERNS)
