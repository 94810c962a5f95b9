"""Roles, not persons: owners and addressees are functions, and what looks like a name is refused.

A title, an e-mail address or a telephone number is how a person creeps in. It is refused aloud, so
that whoever wrote it can put the role in its place.
"""

import re

from ewarn.errors import UsageError

_PERSONAL = re.compile(
    r"@|\+?\d[\d .-]{6,}\d|\b(?:Mr|Mrs|Ms|Mme|Mlle|M\.|Dr|Prof)\b", re.IGNORECASE
)


def require_role(text: str, what: str) -> str:
    """A role or an office, trimmed; raises UsageError where it looks like a person's."""
    if _PERSONAL.search(text):
        raise UsageError(
            f"{what} must be a role or an office, without title, address or telephone number"
        )
    return text.strip()
