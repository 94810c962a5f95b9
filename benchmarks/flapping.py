"""Lost, unexpected and duplicate deliveries of ten thousand notifications to unreliable receivers.

`python -m benchmarks.run flapping`, or `flapping=300` messages. It uses two and four worker
processes, on SQLite and, if installed, PostgreSQL. Every address fails at random, but identically
in each run. One post in four fails: with status 500, with a reset after the request was read, or
with no answer until the client gives up. When nothing is due, the workers' clock jumps to the next
due time, so that seconds, minutes or hours of waiting pass at once.

- Lost: a message that no receiver accepted and that the service did not give up.
- Unexpected: a post with an id or body that no message has.
- Doubled: a message that was posted again after a receiver had accepted it. After a reset or a
  missing answer, the sender cannot know that it was accepted.
"""

import asyncio
import hashlib
import multiprocessing
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier, Event

import orjson
from sqlalchemy import func, select

from benchmarks.rows import Row
from benchmarks.stores import has_postgresql, postgresql, sqlite
from ewarn.domain.delivery import Message
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.webhook import WebhookNotifier
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import migrate
from ewarn.store.delivery import endpoints, outbox
from ewarn.store.tables.delivery import delivery_attempt
from ewarn.store.tables.delivery import outbox as table

MESSAGES = 10_000
ADDRESSES = 100
PATIENCE = 0.5  # timeout of a worker's request, in seconds
GIVES_UP_AFTER = 600  # seconds after which a run ends: messages that still wait count as lost
BEGINS = datetime(2020, 1, 6, tzinfo=UTC)
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
FAILS = {0: "error", 1: "error", 2: "error", 3: "reset", 4: "reset", 5: "silence"}  # of 24 draws
_RESET = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Tally:
    """The result of a run."""

    messages: int
    lost: int
    unexpected: int
    doubled: int
    doubled_without_cause: int
    given_up: int
    posts: int
    seconds: float


@dataclass
class Flapping:
    """A receiver with many addresses, and the posts that it received."""

    port: int = 0
    posts: Counter[str] = field(default_factory=Counter)
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    taken: Counter[str] = field(default_factory=Counter)  # accepted, reset, or not answered
    unknowable: set[str] = field(default_factory=set)  # those that were reset or not answered

    async def serve(self, ready: threading.Event, over: threading.Event) -> None:
        """Receive until `over` is set."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=256)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        while not over.is_set():
            await asyncio.sleep(0.02)
        server.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
        body = await reader.readexactly(int(fields["content-length"]))
        id_ = fields["webhook-id"]
        self.posts[id_] += 1
        self.bodies.setdefault(id_, set()).add(body)
        fault = FAILS.get(_draw(id_, self.posts[id_]))
        if fault == "error":
            writer.write(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
            return True
        self.taken[id_] += 1
        if fault is None:
            writer.write(b"HTTP/1.1 204 Yes\r\n\r\n")
            return True
        self.unknowable.add(id_)
        if fault == "reset":
            opened: socket.socket = writer.get_extra_info("socket")
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        else:
            await reader.read(1)  # wait until the client closes the connection
        return False


def _draw(id_: str, number: int) -> int:
    return hashlib.sha256(f"{id_}|{number}".encode()).digest()[0] % 24


@contextmanager
def receiving() -> Iterator[Flapping]:
    """Run a receiver in a thread of this process."""
    flapping, ready, over = Flapping(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(flapping.serve(ready, over)))
    thread.start()
    ready.wait()
    try:
        yield flapping
    finally:
        over.set()
        thread.join()


def flap(url: str, messages: int, workers: int) -> Tally:
    """Deliver messages of a migrated, empty store, each to one of the flapping addresses."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ahead, stop = context.Value("d", 0.0), context.Event()
    store = Store(url)
    with receiving() as receiver:
        made = _made(store, messages, receiver.port)
        ready = context.Barrier(workers + 1)
        given = (url, ahead, ready, stop)
        crew = [context.Process(target=_work, args=given) for _ in range(workers)]
        for each in crew:
            each.start()
        ahead.value = BEGINS.timestamp() - time.monotonic()
        ready.wait(60)
        begun = time.monotonic()
        try:
            _jump_until_done(store, ahead)
        finally:
            took = time.monotonic() - begun
            stop.set()
            for each in crew:
                each.join(30)
    try:
        return _tally(store, receiver, made, took)
    finally:
        store.dispose()


def _made(store: Store, number: int, port: int) -> dict[str, bytes]:
    """Put messages in the outbox, and return the expected body of each."""
    found = {}
    pairs = []
    for each in range(number):
        address = each % ADDRESSES
        body = {"type": "ewarn.news", "items": [], "subject": f"message {each}"}
        url = f"http://127.0.0.1:{port}/{address}"
        one = Message(f"msg_{each}", "webhook", url, "news", "", body, BEGINS)
        pairs.append((f"desk:{address}", one))
        found[one.id] = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    for start in range(0, number, 500):
        with store.write() as connection:
            outbox.enqueue(connection, pairs[start : start + 500])
    return found


def _jump_until_done(store: Store, ahead: "Synchronized[float]") -> None:
    """Move the clock to the next attempt whenever all workers wait, until nothing is due."""
    gives_up = time.monotonic() + GIVES_UP_AFTER
    while time.monotonic() < gives_up:
        now = time.monotonic() + ahead.value
        with store.read() as connection:
            waiting = table.c.state == outbox.WAITING
            due, leased = connection.execute(
                select(func.min(table.c.next_attempt_at), func.max(table.c.leased_until)).where(
                    waiting
                )
            ).one()
        if due is None:
            return
        if leased is None and due.timestamp() > now:
            wait = due.timestamp() - now
            ahead.value += wait + max(10.0, wait / 4)  # includes attempts that are due soon after
        time.sleep(0.01)


def _work(url: str, ahead: "Synchronized[float]", ready: Barrier, stop: Event) -> None:
    """Run a worker process: deliver what is due, until `stop` is set."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with WebhookTransport(networks(["127.0.0.0/8"]), seconds=PATIENCE) as line:
        service = _service(Store(url), line)

        def clock() -> datetime:
            return datetime.fromtimestamp(time.monotonic() + ahead.value, UTC)

        ready.wait(60)
        while not stop.is_set():
            deliver(service, clock)
            stop.wait(0.01)


def _service(store: Store, line: WebhookTransport) -> Service:
    return Service(
        store=store,
        places=load_gazetteer(),
        sources={},
        models=lambda *_: (),
        rulebook=Rulebook(rules=(), cuts={}, offices=(), playbooks={}),
        notifiers={"webhook": WebhookNotifier(line, [SECRET])},
        base_url="",
    )


def _tally(store: Store, receiver: Flapping, made: dict[str, bytes], took: float) -> Tally:
    with store.read() as connection:
        dead = select(table.c.id).where(table.c.state == outbox.DEAD)
        given_up = set(connection.execute(dead).scalars())
        # On a busy machine an answer can come when the sender has given up waiting for it.
        too_late = select(delivery_attempt.c.outbox_id).where(
            delivery_attempt.c.detail.startswith("no answer within")
        )
        unknowable = receiver.unknowable | set(connection.execute(too_late).scalars())
        switched_off = [each for each in endpoints.find(connection).values() if each.disabled_at]
    assert not switched_off
    doubled = {id_ for id_, often in receiver.taken.items() if often > 1}
    return Tally(
        messages=len(made),
        lost=len(made.keys() - receiver.taken.keys() - given_up),
        unexpected=sum(bodies != {made.get(id_)} for id_, bodies in receiver.bodies.items()),
        doubled=sum(often - 1 for often in receiver.taken.values() if often),
        doubled_without_cause=len(doubled - unknowable),
        given_up=len(given_up),
        posts=sum(receiver.posts.values()),
        seconds=took,
    )


def main(messages: int = MESSAGES) -> list[Row]:
    """Measure both databases, with two workers and with four."""
    places = {"SQLite": sqlite} | ({"PostgreSQL": postgresql} if has_postgresql() else {})
    rows = []
    for name, place in places.items():
        for workers in (2, 4):
            with place() as url:
                migrate(store := Store(url))
                store.dispose()
                rows.append(_row(name, workers, flap(url, messages, workers)))
    return rows


def _row(database: str, workers: int, found: Tally) -> Row:
    return Row(
        f"{found.messages:,} notifications to flapping receivers, {workers} workers, {database}",
        f"lost {found.lost}, unexpected {found.unexpected}, doubled {found.doubled} "
        f"(without cause {found.doubled_without_cause}), given up {found.given_up}",
        f"{found.posts:,} posts, each id with one body",
        f"{found.seconds:.0f} s",
    )
