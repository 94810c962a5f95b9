"""The revision of the store: a cheap sign of whether what the API lists has changed.

Answers that many clients poll are kept in memory. Before one is given again, the revision is read:
two equal revisions mean that no event, score, alert, source or API key has changed in between.
"""

from dataclasses import dataclass
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

from sqlalchemy import event, func, select

from ewarn.store.database.engine import Store
from ewarn.store.tables.access import api_key, audit
from ewarn.store.tables.alerts import alert_event
from ewarn.store.tables.events import event_version
from ewarn.store.tables.intake import coverage, health_change, ingest_run
from ewarn.store.tables.scores import score_run

_KEYS = (
    func.count(),
    func.count(api_key.c.revoked_at),
    func.count(api_key.c.expires_at),
    func.max(api_key.c.created_at),
    func.max(api_key.c.expires_at),
)
# Rows of these tables are only added, and each gets a greater number than those before it.
_NUMBERS = (
    event_version.c.id,
    score_run.c.id,
    alert_event.c.sequence,
    ingest_run.c.id,
    coverage.c.id,
    health_change.c.sequence,
    audit.c.sequence,
)
_QUERY = select(
    *(select(each).select_from(api_key).scalar_subquery() for each in _KEYS),
    *(select(func.max(number)).scalar_subquery() for number in _NUMBERS),
)


@dataclass(frozen=True, slots=True)
class Revision:
    """The state of the store that polled answers depend on: its API keys, and its content."""

    keys: tuple[Any, ...]
    content: tuple[Any, ...]


class RevisionReader:
    """Reads the revision of a store.

    SQLite counts the commits that a connection has not seen (`PRAGMA data_version`). A connection
    of our own asks for that count, so that the tables are looked at only after a commit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._watching: SqliteConnection | None = None
        self._seen: int | None = None
        self._revision: Revision | None = None

    @property
    def is_quick(self) -> bool:
        """Whether reading takes microseconds, so that it needs no thread."""
        return self._store.is_sqlite and bool(self._store.url.database)

    def read(self) -> Revision:
        """Return the revision now.

        Raises:
            StoreError: The database cannot be reached.
        """
        if not self.is_quick:
            return self._asked()
        with self._lock:
            commits = self._commits()
            if self._revision is None or commits != self._seen:
                self._revision = self._asked()
                self._seen = commits
            return self._revision

    def _commits(self) -> int:
        if self._watching is None:
            self._watching = _apart(self._store)
        return int(self._watching.execute("PRAGMA data_version").fetchone()[0])

    def _asked(self) -> Revision:
        with self._store.read() as connection:
            row = tuple(connection.execute(_QUERY).one())
        return Revision(row[: len(_KEYS)], row[len(_KEYS) :])


def _apart(store: Store) -> SqliteConnection:
    """Return a connection to a SQLite file that no pool gives to anybody else.

    It is closed together with the store.
    """
    with store.read():  # says what is wrong if the file cannot be opened
        raw = store.engine.raw_connection()
    opened: SqliteConnection = raw.driver_connection  # type: ignore[assignment]
    raw.detach()
    event.listen(store.engine, "engine_disposed", lambda _: raw.close())
    return opened
