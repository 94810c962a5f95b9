"""Codes that were sent to addresses nobody has proved yet: so that none is flooded with them."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ewarn.store.tables.delivery import verification_code as table


def sent(
    connection: Connection, since: datetime, *, key_prefix: str = "", address: str = ""
) -> int:
    """How many codes went out after a moment: for a key, or to an address, whoever asked."""
    chosen = [table.c.at > since]
    if key_prefix:
        chosen.append(table.c.key_prefix == key_prefix)
    if address:
        chosen.append(table.c.address == _digest(address))
    query = select(func.count()).select_from(table).where(*chosen)
    return int(connection.execute(query).scalar_one())


def record(
    connection: Connection, at: datetime, key_prefix: str, address: str, forget_before: datetime
) -> None:
    """Write down that a code was sent. Of the address only a hash is kept, and not for long."""
    connection.execute(delete(table).where(table.c.at < forget_before))
    connection.execute(insert(table).values(at=at, key_prefix=key_prefix, address=_digest(address)))


def _digest(address: str) -> str:
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
