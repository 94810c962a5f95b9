"""What answers of now rest on, kept while it is valid, because every list asks for it."""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from fastapi import Request
from sqlalchemy import Connection

from api.serving.access import Reader
from api.serving.state import ApiState
from ewarn.pipeline.intake.footing import Footing, footing
from ewarn.store.database.revision import Revision

MOST = 200  # combinations of countries and licences for which it is kept
# How long anything is kept at most: on PostgreSQL a row can become visible after one with a greater
# number, which the revision does not show. Clients may keep answers for as long, too.
LONGEST = timedelta(minutes=1)


class _Kept(NamedTuple):
    revision: Revision
    made_at: datetime
    footing: Footing

    def is_valid(self, revision: Revision, now: datetime) -> bool:
        """Return whether neither the store nor time has changed it."""
        until = self.footing.until
        return (
            self.revision.content == revision.content
            and self.made_at <= now < self.made_at + LONGEST
            and (until is None or now < until)
        )


class Footings:
    """The footing of answers, by countries and licences. Many threads may use it.

    It is computed again once the revision of the store has changed, or once time alone can change
    it.
    """

    def __init__(self, state: ApiState) -> None:
        self._state = state
        self._lock = Lock()
        self._kept: OrderedDict[tuple[tuple[str, ...], frozenset[str]], _Kept] = OrderedDict()

    def now(
        self,
        connection: Connection,
        request: Request,
        reader: Reader,
        countries: tuple[str, ...],
        now: datetime,
    ) -> Footing:
        """Return what an answer on some countries rests on now.

        Args:
            request: The revision of the store was read for it before this transaction began.
        """
        asked = (countries, reader.key.licences)
        revision: Revision = request.state.revision
        with self._lock:
            kept = self._kept.get(asked)
        if kept is not None and kept.is_valid(revision, now):
            return kept.footing
        found = footing(connection, self._state.service, countries, now, reader.key.licences)
        with self._lock:
            self._kept[asked] = _Kept(revision, now, found)
            self._kept.move_to_end(asked)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return found


def footing_of(
    connection: Connection,
    request: Request,
    reader: Reader,
    countries: tuple[str, ...],
    moment: datetime,
    *,
    given: datetime | None,
) -> Footing:
    """Return what an answer on some countries rests on, as of a moment.

    Args:
        given: The moment that the request names; None for now.
    """
    if given is None and reader.key.partner is None:  # a partner's now can lie in the past
        footings: Footings = request.app.state.footings
        return footings.now(connection, request, reader, countries, moment)
    service = request.app.state.ewarn.service
    return footing(connection, service, countries, moment, reader.key.licences)
