"""Names as people write them, held against those that there are."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

_ALIKE = 65  # of 100: letters in common, in their order; a code of three with one wrong has 67


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The name that was meant, as far as can be told; None where none is like it.

    >>> nearest("EWARN_PROT", ["EWARN_HOST", "EWARN_PORT"])
    'EWARN_PORT'
    """
    # Of a mapping `rapidfuzz` would read the values.
    found = process.extractOne(name, tuple(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else found[0]
