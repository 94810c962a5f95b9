"""Links that prove by themselves whom they were sent to, what for, and until when.

A token is a text of facts and its HMAC-SHA256 (RFC 2104). Whoever has it can use it, so it lives
for days only and names one thing.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Sequence
from hashlib import sha256

LONGEST = 600  # characters of a token that are looked at


def new_secret() -> str:
    """A secret to sign with: 32 random bytes, written in hexadecimal."""
    return secrets.token_hex(32)


def signed(facts: Sequence[str | int], secret: str) -> str:
    """A token of facts: two parts of URL-safe base64, with a point between."""
    said = json.dumps(list(facts), separators=(",", ":")).encode()
    return f"{_text(said)}.{_text(_seal(said, secret))}"


def opened(token: str, secret: str) -> list[str | int] | None:
    """The facts of a token; None where it was not made with this secret, or was changed."""
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
