"""Text that may enter and leave: only written characters, in one normal form, of limited length."""

import re
import unicodedata

# Surrogates, controls, characters that change the direction of writing (a text then looks different
# from what it is), invisible tags, and code points that are no characters.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and symbols that are invisible
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def is_written(text: str) -> bool:
    """Return whether a text can be stored and shown as it is: one line of written characters.

    >>> is_written("Lomé"), is_written("a" + chr(0)), is_written(chr(0x202E) + "a")
    (True, False, False)
    """
    return text.isprintable() or not (
        _UNWRITABLE.search(text) or _BREAK.search(text) or "\t" in text
    )


def entered(text: str, *, at_most: int, lines: bool = False, trimmed: bool = True) -> str:
    """Return what a person entered: composed (NFC), trimmed, with one kind of line break.

    Args:
        at_most: The most characters allowed.
        lines: Allow line breaks and tabs.
        trimmed: Leave out what is blank around it; not where lines are counted.

    Raises:
        ValueError: The text is not allowed; the message says why.

    >>> entered(" Lomé ", at_most=10)
    'Lomé'
    """
    found = _UNWRITABLE.search(text)
    if found is not None:
        raise ValueError(f"holds the character U+{ord(found.group()):04X}, which is not text")
    broken = _BREAK.sub("\n", text)
    if not lines and ("\n" in broken or "\t" in broken):
        raise ValueError("must be one line, without tabs")
    composed = unicodedata.normalize("NFC", broken)
    composed = composed.strip() if trimmed else composed
    if not any(map(_is_seen, composed)):
        return ""
    if len(composed) > at_most:
        raise ValueError(f"has {len(composed)} characters; {at_most} are the most")
    return composed


def _is_seen(sign: str) -> bool:
    """Return whether a character is visible."""
    return unicodedata.category(sign)[0] in "LNPS" and sign not in _BLANK


def storable(text: str) -> str:
    """Return a name that a program delivered, changed as little as possible.

    Only what no database can store, and what looks different from what it is, becomes U+FFFD, so
    that different names stay different.
    """
    return text if text.isprintable() else _UNWRITABLE.sub("\ufffd", text)


def written(text: str, instead: str = " ") -> str:
    """Return what a program delivered, on one line and composed, with `instead` for non-text.

    >>> written("a" + chr(0) + chr(10) + "b ")
    'a b'
    """
    if text.isascii() and text.isprintable() and text == text.strip():
        return text
    if not is_written(text):
        text = " ".join(_UNWRITABLE.sub(instead, text).split())
    return unicodedata.normalize("NFC", text).strip()
