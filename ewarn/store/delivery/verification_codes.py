"""Store when verification codes were sent, so that no unverified address is flooded with them."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ewarn.store.tables.delivery import verification_code as table


def sent(
    connection: Connection, since: datetime, *, key_prefix: str = "", address: str = ""
) -> int:
    """Return the number of codes sent after a moment.

    Args:
        key_prefix: Only those that this key asked for; empty for all keys.
        address: Only those sent to this address; empty for all addresses.
    """
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
    """Record that a code was sent, and delete the records from before `forget_before`.

    Only a hash of the address is stored.
    """
    connection.execute(delete(table).where(table.c.at < forget_before))
    connection.execute(insert(table).values(at=at, key_prefix=key_prefix, address=_digest(address)))


def _digest(address: str) -> str:
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
