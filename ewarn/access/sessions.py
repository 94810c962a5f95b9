"""Creation of sessions. A token is 256 random bits, so a plain SHA-256 protects its hash."""

import hashlib
import secrets
from datetime import datetime

from ewarn.domain.key import MOST_NAME, Session
from ewarn.domain.persons import require_no_contact
from ewarn.domain.text import entered
from ewarn.errors import UsageError
from ewarn.languages import refused_acts

_TOKEN_BYTES = 32


def begin(prefix: str, person: str, now: datetime) -> tuple[Session, str]:
    """Create a session of a person with an API key, and the token of its cookie.

    Raises:
        UsageError: The name is empty, too long, no text, or holds brackets, an address or a number.
    """
    try:
        name = entered(person, at_most=MOST_NAME)
    except ValueError as error:
        raise UsageError(refused_acts.NAME_WRONG(fault=error)) from None
    if not name:
        raise UsageError(refused_acts.NAME_EMPTY())
    if any(mark in name for mark in "()"):  # acts are signed `Ama (name of the key)`
        raise UsageError(refused_acts.NAME_WITH_BRACKETS())
    require_no_contact(name, "the name")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return Session(token_hash(token), prefix, name, now, now), token


def token_hash(token: str) -> str:
    """Return the hash under which the session of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
