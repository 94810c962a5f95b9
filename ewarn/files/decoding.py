"""Decoding of text files that a person saved: UTF-8, UTF-16, UTF-32 or Windows-1252."""

import re

from ewarn.errors import RecordRejected

_MARKS = (  # UTF-32 comes first, because its byte order mark begins like that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MARK_OF_UTF8 = b"\xef\xbb\xbf"
_SAMPLE = 4096  # bytes
_LEAST = 8  # characters that a sample needs, so that its zero bytes can show the encoding
_LETTER_OF_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
# Signs that a file is not Windows-1252: bytes that Windows-1252 does not have or hardly uses, the
# letter é as old Macs wrote it, and several accented letters in a row, which are probably letters
# of another alphabet.
_NOT_WESTERN = re.compile(
    rb"[\x81\x83\x86-\x89\x8d\x8f\x90\x98\x9d]|[a-z]\x8e|[\xa8\xb8\xc0-\xff]{4}"
)
WINDOWS = (
    "The file is not UTF-8: it is read as Windows-1252. If names come out wrong, save it as "
    "CSV UTF-8 and import it again."
)


def recoded(body: bytes) -> bytes:
    """Return UTF-16 and UTF-32 as UTF-8, and anything else unchanged, without byte order mark.

    Raises:
        RecordRejected: If UTF-16 or UTF-32 text is cut off or damaged.
    """
    if _wide(body) is None:
        return body.removeprefix(_MARK_OF_UTF8)
    return decoded(body)[0].encode("utf-8")


def decoded(body: bytes) -> tuple[str, str | None]:
    """Return the text of a file, and a remark if its encoding was guessed (else None).

    If the encoding cannot be guessed, bytes that are not UTF-8 become surrogate characters, so
    that only the records that contain them are refused.

    Raises:
        RecordRejected: If UTF-16 or UTF-32 text is cut off or damaged.
    """
    wide = _wide(body)
    if wide is not None:
        try:
            return body.decode(wide).removeprefix("\ufeff"), None
        except UnicodeDecodeError:
            raise RecordRejected(
                "The file is UTF-16 text that is damaged or cut off: save it as CSV UTF-8."
            ) from None
    try:
        return body.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        if _LETTER_OF_UTF8.search(body) or _NOT_WESTERN.search(body):
            return body.decode("utf-8-sig", errors="surrogateescape"), None
        return body.decode("cp1252"), WINDOWS


def _wide(body: bytes) -> str | None:
    """Return the name of the UTF-16 or UTF-32 encoding, or None if the bytes are neither.

    It is recognised by its byte order mark, or by the zero bytes between its letters.
    """
    for mark, name in _MARKS:
        if body.startswith(mark):
            return name
    sample = body[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half < _LEAST or (even and odd) or max(even, odd) < 0.7 * half:
        return None
    return "utf-16-be" if even else "utf-16-le"
