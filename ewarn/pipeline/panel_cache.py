"""The panel of a source's last origin, kept between scorings.

Reading it takes seconds, and within a week it hardly ever changes.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.source import Coverage
from ewarn.domain.time import midnight
from ewarn.frames.panel import Panel
from ewarn.store.events import counts

# What a transaction wrote before others may be seen after them.
OVERLAP = timedelta(hours=1)
MOST_KEPT = 2  # panels of the world take a quarter of a gigabyte each


@dataclass(frozen=True, slots=True)
class PanelKey:
    """What a panel was read for: another question has another answer."""

    source: str
    origin: date
    regions: tuple[str, ...]
    coverage: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class CachedPanel:
    """A panel with the hash of the ledger's rows that it counts, and how to know that these are
    still all: `rows` tells those after the id `newest`."""

    panel: Panel
    digest: str
    newest: int
    rows: tuple[int, int]


@dataclass
class PanelCache:
    """The last panel of a few sources."""

    _kept: dict[PanelKey, CachedPanel] = field(default_factory=dict)

    def find(self, connection: Connection, question: PanelKey) -> tuple[Panel, str] | None:
        """The panel that was kept, with the hash, if the ledger still says what it said."""
        kept = self._kept.get(question)
        if kept is None or self._rows(connection, question, kept.newest) != kept.rows:
            return None
        return kept.panel, kept.digest

    def keep(
        self, connection: Connection, question: PanelKey, read: tuple[Panel, str], now: datetime
    ) -> None:
        """Keep a panel, and the hash of its rows, that were `read` in this very transaction."""
        newest = counts.newest(connection, now - OVERLAP)
        answer = CachedPanel(*read, newest, self._rows(connection, question, newest))
        others = [each for each in self._kept if each.source != question.source]
        self._kept = {each: self._kept[each] for each in others[1 - MOST_KEPT :]}
        self._kept[question] = answer

    @staticmethod
    def _rows(connection: Connection, question: PanelKey, after: int) -> tuple[int, int]:
        return counts.fingerprint(connection, question.source, after, midnight(question.origin))
