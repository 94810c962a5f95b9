"""Cells of a CSV file that a spreadsheet might run: escaped on the way out, as they were on the
way in.

A spreadsheet takes a cell that begins with =, +, - or @ for a formula (OWASP, "CSV Injection"),
some of them also in full width, or behind spaces, tabs and line breaks; an apostrophe before it
makes it text.
"""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SPACE = ("\t", "\r", "\n")
_GUARD = "'"


def escape_formula(text: str) -> str:
    """`text` as a spreadsheet only shows it.

    >>> escape_formula("=1+1"), escape_formula("a march")
    ("'=1+1", 'a march')
    """
    return _GUARD + text if _might_run(text) else text


def unescape_formula(text: str) -> str:
    """What `escape_formula` was given.

    >>> unescape_formula("'=1+1"), unescape_formula("'tis")
    ('=1+1', "'tis")
    """
    return text.removeprefix(_GUARD) if _might_run(text) else text


def _might_run(text: str) -> bool:
    """Whether it might, without the apostrophes that it may begin with."""
    bare = text.lstrip(_GUARD)
    return bare.startswith(_SPACE) or bare.lstrip().startswith(_FORMULA)
