"""A cache of the panel of a source's last origin, used by later scorings.

Reading the panel takes seconds, and it hardly ever changes within a week.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.source import Coverage
from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.store.events import counts

# Rows that one transaction wrote first may become visible after those of another.
OVERLAP = timedelta(hours=1)
MOST_KEPT = 2  # panels of the world take a quarter of a gigabyte each


@dataclass(frozen=True, slots=True)
class PanelKey:
    """What a panel was read for; another key has another panel."""

    source: str
    origin: date
    regions: tuple[str, ...]
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class CachedPanel:
    """A panel with the hash of the ledger rows that it counts.

    `newest` is an id of the ledger, and `rows` a fingerprint of the rows after it: if it is
    unchanged, the panel still counts all rows.
    """

    panel: Panel
    digest: str
    newest: int
    rows: tuple[int, int]


@dataclass
class PanelCache:
    """The last panel of a few sources."""

    _panels: dict[PanelKey, CachedPanel] = field(default_factory=dict)

    def find(self, connection: Connection, question: PanelKey) -> tuple[Panel, str] | None:
        """Return the stored panel and its hash, if the ledger is unchanged."""
        cached = self._panels.get(question)
        if cached is None or self._rows(connection, question, cached.newest) != cached.rows:
            return None
        return cached.panel, cached.digest

    def keep(
        self, connection: Connection, question: PanelKey, read: tuple[Panel, str], now: datetime
    ) -> None:
        """Store a panel and the hash of its rows, which were `read` in this same transaction."""
        newest = counts.newest(connection, now - OVERLAP)
        answer = CachedPanel(*read, newest, self._rows(connection, question, newest))
        others = [each for each in self._panels if each.source != question.source]
        self._panels = {each: self._panels[each] for each in others[1 - MOST_KEPT :]}
        self._panels[question] = answer

    @staticmethod
    def _rows(connection: Connection, question: PanelKey, after: int) -> tuple[int, int]:
        return counts.fingerprint(connection, question.source, after, midnight(question.origin))
