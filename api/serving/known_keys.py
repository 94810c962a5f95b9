"""API keys that were read from the store in the last seconds, and when keys were used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from starlette.concurrency import run_in_threadpool

from ewarn.domain.key import ApiKey
from ewarn.errors import StoreError
from ewarn.store.access import keys
from ewarn.store.database.engine import Store
from ewarn.store.database.revision import Revision

KEPT_FOR = 2.0  # seconds; a revoked key must stop working within five


@dataclass(frozen=True, slots=True)
class _Known:
    key: ApiKey
    revision: Revision
    until: float


class KnownKeys:
    """A cache of API keys by prefix, used by one thread.

    A key is forgotten as soon as the revision of the store shows that keys changed, and after
    `KEPT_FOR` in any case. Prefixes that do not exist are not kept, so that nobody can fill memory.
    """

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer = timer
        self._known: dict[str, _Known] = {}

    def find(self, prefix: str, revision: Revision) -> ApiKey | None:
        """Return a key that was read under this revision of the keys, or None."""
        known = self._known.get(prefix)
        if known is None:
            return None
        if known.revision.keys != revision.keys or self._timer() >= known.until:
            del self._known[prefix]
            return None
        return known.key

    def keep(self, key: ApiKey, revision: Revision) -> None:
        """Keep a key that was read after this revision."""
        self._known[key.prefix] = _Known(key, revision, self._timer() + KEPT_FOR)


class KeyUses:
    """Stores when keys were used, at most once an hour for each. Used by one thread.

    That a use could not be stored is no failure: the next one is.
    """

    EVERY = timedelta(hours=1)

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stored_at: dict[str, datetime] = {}

    def is_due(self, prefix: str, now: datetime) -> bool:
        """Return whether an hour has passed since a use of the key was stored."""
        before = self._stored_at.get(prefix)
        return before is None or now - before >= self.EVERY

    async def note(self, prefix: str, now: datetime) -> None:
        """Store that a key was used. Call it once the answer was sent."""
        self._stored_at[prefix] = now
        try:
            await run_in_threadpool(self._write, prefix, now)
        except StoreError:
            self._stored_at.pop(prefix, None)

    def _write(self, prefix: str, now: datetime) -> None:
        with self._store.write() as connection:
            keys.record_use(connection, prefix, now, unless_since=now - self.EVERY)
