"""Small facts about the store itself: whether its clock is a replay, and where it stands."""

from sqlalchemy import Connection, delete, insert, select

from ewarn.store.tables.base import meta

CORRECTIONS = "corrections"  # id of the newest row of the ledger that alerts were held against
SIGNS_LINKS = "signs_links"  # the secret behind links in mails; made with the first of them
REPLAY_DAY = "replay_day"  # ISO day a demonstration stands at; absent in a live store


def get(connection: Connection, key: str) -> str | None:
    """The value of a fact, or None."""
    value = connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if value is None else str(value)


def put(connection: Connection, key: str, value: str) -> None:
    """Set a fact."""
    connection.execute(delete(meta).where(meta.c.key == key))
    connection.execute(insert(meta).values(key=key, value=value))
