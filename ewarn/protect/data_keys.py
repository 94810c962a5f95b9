"""Data keys: one for each protected record, sealed with the operator's key.

Who destroys the sealed data key erases the record, wherever else a copy of the record is.
"""

import os

from ewarn.ports import Sealer
from ewarn.protect.sealing import KEY_BYTES, AesSealer

_STEP = 1024  # bytes


def new_data_key(sealer: Sealer, record: str) -> tuple[bytes, AesSealer]:
    """Create the data key of a record, given by its id.

    Returns:
        The data key sealed with the operator's key, and the sealer that uses it.
    """
    key = os.urandom(KEY_BYTES)
    return sealer.seal(key, _about(record)), AesSealer(key)


def open_data_key(sealer: Sealer, sealed: bytes, record: str) -> AesSealer:
    """Return the sealer of a record's data key.

    Raises:
        SealBroken: It was altered, or belongs to another record or another operator's key.
    """
    return AesSealer(sealer.open(sealed, _about(record)))


def padded(json: bytes) -> bytes:
    """Return a JSON text with spaces up to a whole KiB, so that its length reveals little."""
    return json.ljust(-(-len(json) // _STEP) * _STEP)


def _about(record: str) -> str:
    return f"data key\n{record}"
