"""Find positions in a text that are more exact than this service may store."""

import re
import unicodedata

_POINT = "[.,\u066b]"
# Three digits after a comma mean thousands more often than degrees.
_EXACT = r"(?<!\d)\d{1,3}(?:[.\u066b]\d{3,}|,\d{4,})(?!\d)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_EXACT}[^\d\n]{{0,20}}{_EXACT}",
        rf"(?<!\d)(?<!\d[.,])\d{{1,3}}{_POINT}\d{{4,}}(?!\d|e[+-]?\d)",
        rf"(?:@|(?<![a-z])(?:geo|lat(?:itude)?|lon(?:gitude)?|lng))[\W_]{{0,3}}\d{{1,3}}{_POINT}\d",
        r"(?<!\d)\d{1,3}[\s-]\d{1,2}[\s-]\d{1,2}(?:[.,]\d+)?\s*[NS]\b",  # degrees, minutes, seconds
        # an open location code (plus code), as maps show it
        r"\b(?=[a-z+]*\d)[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,}",
    )
)
_DEGREES = re.compile(r"\d\s*[°º˚]\s*(?:\d|[NSEWO]\b)", re.IGNORECASE)


def holds_position(text: str) -> bool:
    """Return whether a text holds a position finer than this service stores.

    That is decimal degrees, degrees and minutes, or a location code.

    >>> holds_position("Home 6.1374561/1.2123456"), holds_position("1,200 to 1,500 people")
    (True, False)
    """
    if _DEGREES.search(text):
        return True
    plain = unicodedata.normalize("NFKC", text)
    return any(pattern.search(plain) for pattern in _PATTERNS)
