"""Suggestion of the known name that a misspelt name may mean."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

# The least similarity, out of 100: the letters in common, in their order. A code of three letters
# with one wrong letter has 67.
_ALIKE = 65


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to `name`, or None if none is similar enough.

    >>> nearest("EWARN_PROT", ["EWARN_HOST", "EWARN_PORT"])
    'EWARN_PORT'
    """
    # If `known` is a mapping, `rapidfuzz` would compare its values instead of its keys.
    found = process.extractOne(name, tuple(known), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else found[0]
