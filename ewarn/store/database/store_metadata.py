"""Key-value facts about the store itself, such as the current day of a replayed demonstration."""

from sqlalchemy import Connection, delete, insert, select

from ewarn.store.database.conflicts import insert_into
from ewarn.store.tables.base import meta

# Id of the newest ledger row that alerts were checked against.
CORRECTIONS = "corrections"
SEALS_ANSWERS = "seals_answers"  # the secret of cursors and entity tags; created with the first one
SIGNS_LINKS = "signs_links"  # the secret that signs links in mails; created with the first link
REPLAY_DAY = "replay_day"  # the current day (ISO) of a demonstration; absent in a live store


def get(connection: Connection, key: str) -> str | None:
    """Return the value of a fact, or None if it is not set."""
    value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if value is None else str(value)


def put(connection: Connection, key: str, value: str) -> None:
    """Set a fact."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))


def put_if_new(connection: Connection, key: str, value: str) -> str:
    """Set a fact unless it is set, also by a writer at the same time, and return its value."""
    added = insert_into(connection, meta).values(key=key, value=value)
    connection.execute(added.on_conflict_do_nothing())
    return get(connection, key) or value
