"""Cells of a CSV file that a spreadsheet might run: guarded on the way out, as they were on the
way in.

A spreadsheet takes a cell that begins with =, +, -, @, a tab or a return for a formula (OWASP,
"CSV Injection"); an apostrophe before it makes it text.
"""

_STARTS = ("=", "+", "-", "@", "\t", "\r")
_GUARD = "'"


def guarded(text: str) -> str:
    """`text` as a spreadsheet only shows it.

    >>> guarded("=1+1"), guarded("a march")
    ("'=1+1", 'a march')
    """
    return _GUARD + text if text.lstrip(_GUARD).startswith(_STARTS) else text


def unguarded(text: str) -> str:
    """What `guarded` was given.

    >>> unguarded("'=1+1"), unguarded("'tis")
    ('=1+1', "'tis")
    """
    return text.removeprefix(_GUARD) if text.lstrip(_GUARD).startswith(_STARTS) else text
