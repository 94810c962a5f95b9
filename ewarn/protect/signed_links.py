"""Signed tokens for links, which prove their recipient, purpose and expiry by themselves.

A token is a text of facts with its HMAC-SHA256 (RFC 2104). Anybody who has it can use it, so it is
valid for a few days only and names one thing.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Sequence
from hashlib import sha256

LONGEST = 600  # characters; a longer token is refused


def new_secret() -> str:
    """Create a secret for signing: 32 random bytes in hexadecimal."""
    return secrets.token_hex(32)


def signed(facts: Sequence[str | int], secret: str) -> str:
    """Return the token of some facts: two parts of URL-safe base64 with a point between them."""
    said = json.dumps(list(facts), separators=(",", ":")).encode()
    return f"{_text(said)}.{_text(_seal(said, secret))}"


def opened(token: str, secret: str) -> list[str | int] | None:
    """Return the facts of a token, or None if it was not signed with this secret or was changed."""
    said, _, seal = token.partition(".")
    if len(token) > LONGEST or not seal:
        return None
    try:
        body, given = _bytes(said), _bytes(seal)
    except (binascii.Error, ValueError):
        return None
    if (
        not hmac.compare_digest(given, _seal(body, secret))
        or token != f"{_text(body)}.{_text(given)}"
    ):
        return None
    facts: list[str | int] = json.loads(body)
    return facts


def _seal(said: bytes, secret: str) -> bytes:
    return hmac.digest(bytes.fromhex(secret), said, sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
