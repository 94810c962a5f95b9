"""Speed of deliveries through the outbox, compared with the same client without an outbox.

All messages go to one address: one worker on SQLite (`synchronous=FULL`), two on PostgreSQL. The
reference uses the same webhook transport in as many processes, to the same receiver, with the same
bytes except for the id. It has no outbox, and its body is signed only once. Receiver and senders
are separate processes.
"""

import asyncio
import multiprocessing
import secrets
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any

import httpx
import orjson
from standardwebhooks import Webhook

from benchmarks.rows import Row, paired, timed
from benchmarks.stores import has_postgresql, postgresql, service_on, sqlite
from ewarn.domain.delivery import Message
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.delivery.deliver import deliver
from ewarn.store.delivery import outbox

ROUNDS = 9
MESSAGES = 3_000  # of a round: enough to show costs that grow with the number of waiting messages
ALLOWED = ("127.0.0.0/8",)
SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
BODY = {"type": "ewarn.news", "items": [{"region": "TG-M", "level": "high", "reason": "x" * 700}]}


def main() -> list[Row]:
    """Measure deliveries a second by a worker on SQLite, and by two on PostgreSQL if installed."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    receiver = context.Process(target=_receive, args=(theirs,), daemon=True)
    receiver.start()
    try:
        address = f"http://127.0.0.1:{ours.recv()}/in"
        rows = []
        with sqlite() as url:
            rows.append(_measured("one worker on SQLite", url, address, workers=1))
        if has_postgresql():
            with postgresql() as url:
                rows.append(_measured("two workers on PostgreSQL", url, address, workers=2))
        return rows
    finally:
        receiver.terminate()
        receiver.join()


def _measured(what: str, url: str, address: str, *, workers: int) -> Row:
    """Return the row of a database. Both halves of a round send the same number of bodies."""
    context = multiprocessing.get_context("spawn")
    with service_on(url):
        pass  # this migrates the store
    posting = [_Sender(context, _post, (address, MESSAGES // workers)) for _ in range(workers)]
    delivering = [_Sender(context, _deliver, (url,)) for _ in range(workers)]
    timings = []
    try:
        for number in range(ROUNDS + 1):
            _fill(url, address, f"{number}")
            took = timed(lambda: _all(delivering)), timed(lambda: _all(posting))
            if number:  # the first warms up
                timings.append(took)
    finally:
        for sender in (*posting, *delivering):
            sender.end()
    pair = paired(timings)
    return Row(
        f"webhook deliveries, {what}",
        f"{MESSAGES / pair.seconds:,.0f} a second",
        f"the same client without outbox: {MESSAGES / pair.reference:,.0f} a second",
        f"{1 / pair.ratio:.0%} of it",
    )


class _Sender:
    """A process that sends all its messages each time it is asked to."""

    def __init__(self, context: Any, work: Any, arguments: tuple[Any, ...]) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(*arguments, theirs), daemon=True)
        self.process.start()
        self.pipe.recv()  # wait until it is ready

    def end(self) -> None:
        """End the process."""
        self.pipe.send(False)
        self.process.join()


def _all(senders: Sequence[_Sender]) -> None:
    for sender in senders:
        sender.pipe.send(True)
    for sender in senders:
        sender.pipe.recv()


def _fill(url: str, address: str, name: str) -> None:
    now = datetime.now(UTC)
    made = [
        Message(f"msg_{name}_{number}", "webhook", address, "news", "", BODY, now)
        for number in range(MESSAGES)
    ]
    with service_on(url) as service, service.store.write() as connection:
        outbox.enqueue(connection, [("desk", item) for item in made])


def _deliver(url: str, pipe: Connection) -> None:
    from pydantic import SecretStr  # noqa: PLC0415 (for the spawned process only)

    chosen = {
        "deliver": ("log", "webhook"),
        "webhook_secrets": (SecretStr(SECRET),),
        "webhook_allow": ALLOWED,
    }
    with service_on(url, **chosen) as service:
        pipe.send(True)
        while pipe.recv():
            deliver(service, lambda: datetime.now(UTC))
            pipe.send(True)


def _post(address: str, number: int, pipe: Connection) -> None:
    body, url, now = orjson.dumps(BODY), httpx.URL(address), datetime.now(UTC)
    signed = Webhook(SECRET).sign("msg_0_0", now, body.decode())
    headers = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        "user-agent": "ewarn",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed,
    }
    with closing(WebhookTransport(networks(ALLOWED))) as line:
        pipe.send(True)
        while pipe.recv():
            for _ in range(number):
                named = headers | {"webhook-id": secrets.token_hex(4)}
                assert line.post(url, named, body).status == httpx.codes.NO_CONTENT
            pipe.send(True)


def _receive(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
