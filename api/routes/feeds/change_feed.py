"""The changes of alerts as they are recorded, read once for all clients of this process.

Each client has a place of its own. So a slow one delays no other, and none is skipped or repeated.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from itertools import takewhile

import structlog
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from api.formats import event_stream
from api.records.records import alert_record
from api.serving.problems import Problem
from api.serving.state import ApiState
from ewarn.domain.key import ApiKey
from ewarn.egress.alerts import AlertChangeRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.errors import StoreError
from ewarn.store.access import keys
from ewarn.store.alerts import changes
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.alerts.changes import RecordedChange
from ewarn.store.scores import scores

SECONDS = 2.0  # between two looks into the store; a revoked key is noticed as fast
MOST_CLIENTS = 100
MOST_OF_A_KEY = 20
QUIET_LOOKS = 7  # without a change for a client, after which it gets a heartbeat
KEPT = 500  # changes that are read at a time, and kept for clients that are nearly up to date
KEPT_LOOKS = 150  # then a change is read anew, because its texts may have been redacted
SCOPE = "alerts:read"

_log = structlog.get_logger("ewarn.api")


@dataclass(frozen=True, slots=True)
class _Written:
    """A change, and the event that is sent of it."""

    change: RecordedChange
    event: bytes

    @property
    def sequence(self) -> int:
        """The place of the change among all changes."""
        return self.change.event.sequence


class ChangeFeed:
    """Follows the changes of alerts for the clients that are connected, and only while there are.

    `last` is the sequence up to which every change has been read.
    """

    def __init__(self, state: ApiState, seconds: float = SECONDS, most: int = MOST_CLIENTS) -> None:
        self.last = 0
        self._state, self._seconds, self._most = state, seconds, most
        self._recent: deque[_Written] = deque(maxlen=KEPT)
        self._looks = 0
        self._clients: list[ApiKey] = []
        self._valid: frozenset[str] = frozenset()  # prefixes of keys
        self._turn = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._is_closed = False

    async def follow(
        self,
        key: ApiKey,
        wanted: AlertFilter,
        after: int | None,
        readable: AlertFilter | None = None,
    ) -> AsyncIterator[bytes]:
        """Return the events for a client: the changes after one, or those from now on.

        They end when the service stops, or when the key is not valid any more. If it has stopped,
        only the place is given, from which the client goes on elsewhere: browsers do not ask again
        after an error.

        Args:
            after: The sequence of the last change that the client received; None for now.
            readable: Which alerts the key can read; default: the wanted ones.

        Raises:
            Problem: 503 if too many clients are connected, in all or with this key; 400 if the key
                can read no change as new as `after`.
        """
        if len(self._clients) >= self._most:
            raise _full("This process streams to as many clients as it can")
        if sum(client.prefix == key.prefix for client in self._clients) >= MOST_OF_A_KEY:
            raise _full(
                f"{MOST_OF_A_KEY} clients follow the stream with this key, which is the most"
            )
        events = self._events(key, wanted, readable or wanted, after)
        await anext(events)  # it has begun, so its end will be noticed whatever happens
        return events

    async def _events(
        self, key: ApiKey, wanted: AlertFilter, readable: AlertFilter, after: int | None
    ) -> AsyncIterator[bytes]:
        self._clients.append(key)
        try:
            await self.look()
            newest = await run_in_threadpool(self._newest_for, readable, self.last)
            place, told = (self.last, newest) if after is None else (after, after)
            if told > newest:
                raise Problem("bad-cursor", f"There is no change {told} of an alert.")
            yield b""
            yield event_stream.position(told)
            quiet = 0
            while key.prefix in self._valid and not self._is_closed:
                turn, quiet = self._turn, quiet + 1
                async for written in self._after(place):
                    place = written.sequence
                    if written.change.is_wanted(wanted):
                        quiet = 0
                        yield written.event
                if quiet >= QUIET_LOOKS:
                    quiet = 0
                    yield event_stream.HEARTBEAT
                await turn.wait()
        finally:
            self._clients.remove(key)

    async def _after(self, place: int) -> AsyncIterator[_Written]:
        """Yield the changes after a place: those that are kept here, or else from the store."""
        while place < self.last:
            if self._recent and self._recent[0].sequence <= place + 1:
                found = [each for each in self._recent if each.sequence > place]
            else:
                found = await run_in_threadpool(self._read, place, self.last)
            if not found:
                return
            for each in found:
                yield each
            place = found[-1].sequence

    async def look(self) -> None:
        """Read what is new for all clients, and which of their keys are valid.

        Raises:
            StoreError: The database cannot be used.
        """
        async with self._one_at_a_time:
            is_first = self._looking is None
            if is_first:
                self._loop = asyncio.get_running_loop()
                self._recent.clear()
            last, found, self._valid = await run_in_threadpool(self._look, is_first)
            self._looks += 1
            if self._looks % KEPT_LOOKS == 0:
                self._recent.clear()
            self._recent.extend(found)
            self.last = last
            if is_first:
                self._looking = asyncio.create_task(self._look_on())
        self._wake()

    async def _look_on(self) -> None:
        """Look again and again until nobody is connected."""
        try:
            while not self._is_closed:
                await asyncio.sleep(self._seconds)
                if not self._clients:
                    return
                try:
                    await self.look()
                except StoreError as error:
                    _log.warning("changes of alerts cannot be read", reason=str(error))
        finally:  # whatever happened: a stream that nobody feeds must end
            self._looking, self._valid = None, frozenset()
            self._wake()

    def _look(self, is_first: bool) -> tuple[int, list[_Written], frozenset[str]]:
        """Return the new `last`, the changes up to it, and the prefixes of valid keys."""
        now = self._state.clock()
        with self._state.store.read() as connection:
            asked = {key.prefix for key in tuple(self._clients)}
            held = [keys.find(connection, prefix) for prefix in asked]
            if is_first:
                last, found = changes.newest_sequence(connection, now), []
            else:
                later = changes.after(connection, self.last, KEPT)
                passed = takewhile(lambda each: each.event.at <= now, later)
                found = self._written(connection, passed)
                last = found[-1].sequence if found else self.last
        valid = (key.prefix for key in held if key and key.valid_at(now) and key.allows(SCOPE))
        return last, found, frozenset(valid)

    def _newest_for(self, readable: AlertFilter, last: int) -> int:
        """Return the sequence of the newest change that a client may know of; 0 if there is none.

        So a client does not learn that something changed elsewhere.
        """
        with self._state.store.read() as connection:
            found = changes.newest(connection, readable, self._state.clock(), limit=1)
        return min(last, found[0].event.sequence) if found else 0

    def _read(self, place: int, last: int) -> list[_Written]:
        """Return changes after a place and up to the last one, for a client that was away."""
        with self._state.store.read() as connection:
            found = changes.after(connection, place, KEPT)
            return self._written(connection, (c for c in found if c.event.sequence <= last))

    def _written(self, connection: Connection, found: Iterable[RecordedChange]) -> list[_Written]:
        made = list(found)
        bases = scores.bases(connection, {each.alert.score_id for each in made})
        return [
            _Written(
                each,
                event_stream.event(
                    each.event.sequence,
                    outbound(
                        AlertChangeRecord,
                        {},
                        change=each.event,
                        alert=alert_record(self._state, each.alert, bases.get(each.alert.score_id)),
                    ),
                ),
            )
            for each in made
        ]

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    def close(self) -> None:
        """End all streams. It can be called from another thread or from a handler of a signal."""
        self._is_closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)


def _full(why: str) -> Problem:
    return Problem("stream-full", f"{why}: ask again in a minute.", headers={"Retry-After": "60"})
