"""Sealing of bytes with AES-256-GCM, so that they can neither be read nor changed without the key.

The cipher is that of `cryptography` (NIST SP 800-38D). Three separate keys are derived from the
operator's key by HKDF-SHA256 (RFC 5869): to seal, to recognise a content without revealing it, and
to name the key.
"""

import base64
import binascii
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ewarn.errors import SealBroken

KEY_BYTES = 32
_NONCE_BYTES = 12  # random for each sealing, which is safe for some billions under one key


class AesSealer:
    """A sealer with one key, which it never shows; `key_id` is the name of the key."""

    def __init__(self, key: bytes) -> None:
        """Derive the keys.

        Raises:
            ValueError: If `key` does not have 32 bytes.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
        self.key_id = _derived(key, b"name").hex()[:8]
        self._cipher = AESGCM(_derived(key, b"seal"))
        self._marking = _derived(key, b"mark")

    def seal(self, content: bytes, about: str) -> bytes:
        """Return the sealed content after its nonce; opening it requires the same `about`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, self._bound(about))

    def open(self, sealed: bytes, about: str) -> bytes:
        """Return the content that was sealed.

        Raises:
            SealBroken: If it was altered, or sealed with another key or another `about`.
        """
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, rest, self._bound(about))
        except (InvalidTag, ValueError):
            raise SealBroken(
                "it does not open: it was altered since it was sealed; restore it from a back-up"
            ) from None

    def mark(self, content: bytes) -> str:
        """Return 64 hexadecimal digits that are the same for the same content.

        Without the key nobody can use them to check whether a guess of the content is right.
        """
        return hmac.digest(self._marking, content, "sha256").hex()

    def _bound(self, about: str) -> bytes:
        return f"{self.key_id}\n{about}".encode()


def read_key(text: str) -> bytes:
    """Return the 32 bytes of a key that is written in base64.

    Raises:
        ValueError: If the text is not such a key; the message says how to create one.
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError("it is not 32 bytes in base64: make one with `openssl rand -base64 32`")
    return key


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"ewarn " + purpose).derive(key)
