"""Escaping of CSV cells that a spreadsheet might run as a formula.

Cells are escaped when they are written and unescaped when they are read. A spreadsheet reads a cell
that begins with =, +, - or @ as a formula (OWASP, "CSV Injection"); some do so too with these signs
in full width, or after spaces, tabs and line breaks. An apostrophe before the cell makes it text.
"""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SPACE = ("\t", "\r", "\n")
_GUARD = "'"


def escape_formula(text: str) -> str:
    """Return `text` in a form that a spreadsheet shows and does not run.

    >>> escape_formula("=1+1"), escape_formula("a march")
    ("'=1+1", 'a march')
    """
    return _GUARD + text if _might_run(text) else text


def unescape_formula(text: str) -> str:
    """Return the text that was given to `escape_formula`.

    >>> unescape_formula("'=1+1"), unescape_formula("'tis")
    ('=1+1', "'tis")
    """
    return text.removeprefix(_GUARD) if _might_run(text) else text


def _might_run(text: str) -> bool:
    """Return whether a spreadsheet might run the text, without the apostrophes at its start."""
    bare = text.lstrip(_GUARD)
    return bare.startswith(_SPACE) or bare.lstrip().startswith(_FORMULA)
