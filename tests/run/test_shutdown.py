"""Tests that a server stops without dropping a request, as a process of its own."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import pytest

from api.formats.event_stream import HEARTBEAT
from ewarn.domain.alert import ChangeKind
from ewarn.run.serve import FINISH_SECONDS
from ewarn.run.settings import Settings
from tests.api.fixtures import filled_template, world
from tests.api.world import NOW, World, alert
from tests.run import a_server
from tests.run.a_server import PATIENCE, Server

__all__ = ["filled_template", "world"]

pytestmark = pytest.mark.xdist_group("a_server")  # one process loads the API for all of them
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
MANY_SECONDS = 600  # a drain that ends by a second signal only


@contextmanager
def serving(world: World, **options: Any) -> Iterator[Server]:
    """A server of a world, killed if a test leaves it."""
    server = a_server.start(str(world.store.engine.url), **options)
    try:
        yield server
    finally:
        server.kill()


class Client:
    """A client with one connection, which it keeps for as long as the server does."""

    def __init__(self, server: Server) -> None:
        self.socket = server.connect()
        self._reader = h11.Connection(h11.CLIENT)

    def send(self, part: bytes) -> "Client":
        """Send bytes."""
        self.socket.sendall(part)
        return self

    def ask(self, path: str, key: str = "") -> "Client":
        """Send a request."""
        head = f"GET {path} HTTP/1.1\r\nHost: here\r\nX-API-Key: {key}\r\n\r\n"
        return self.send(head.encode())

    def head(self) -> tuple[int, str]:
        """Return the status of the next answer, and its header `Connection`."""
        if self._reader.our_state is h11.DONE:
            self._reader.start_next_cycle()
        self._reader.send(h11.Request(method="GET", target="/", headers=[("Host", "here")]))
        self._reader.send(h11.EndOfMessage())
        found = self._event()
        assert isinstance(found, h11.Response)
        return found.status_code, dict(found.headers).get(b"connection", b"").decode()

    def piece(self) -> bytes:
        """Return the next piece of a body; empty if the body is whole."""
        found = self._event()
        return bytes(found.data) if isinstance(found, h11.Data) else b""

    def news(self) -> bytes:
        """Return the next piece of a stream that is no heartbeat; empty if it ended well."""
        return next(piece for piece in iter(self.piece, None) if piece != HEARTBEAT)

    def rest(self) -> bytes:
        """Return the rest of a body. A body that breaks off is an error."""
        return b"".join(iter(self.piece, b""))

    def answer(self) -> tuple[int, str, bytes]:
        """Return the next answer: status, header `Connection` and body."""
        return *self.head(), self.rest()

    def _event(self) -> h11.Event:
        while (found := self._reader.next_event()) is h11.NEED_DATA:
            self._reader.receive_data(self.socket.recv(65_536))
        assert isinstance(found, h11.Event)
        return found

    def is_closed(self) -> bool:
        """Return whether the server closes the connection, without a reset or another byte."""
        return self.socket.recv(1) == b""


OK = b'{"status":"ok"}'
LAST, STAYS = (200, "close", OK), (200, "", OK)


def has_read(server: Server, path: str) -> Client:
    """Return a client whose request the server has read, though it has not answered."""
    client = Client(server).ask(path)
    later = Client(server).send(HEALTH)
    assert later.answer() == STAYS
    later.socket.close()
    return client


def stop(server: Server) -> bytes:
    """Send SIGTERM; return why the server is not ready, once it says so."""
    server.stop()
    status = 200
    while status == 200:
        client = Client(server).ask("/readyz")
        status, connection, body = client.answer()
        client.socket.close()
    assert (status, connection) == (503, "close")
    return body


def test_a_drain_answers_everything_and_asks_for_other_connections(world: World) -> None:
    with serving(world, drain=MANY_SECONDS, quiet=PATIENCE) as server:
        idle = Client(server).send(HEALTH)
        assert idle.answer() == STAYS
        begun = Client(server).send(HEALTH[:9])
        halfway = Client(server).ask("/test/halfway")
        assert (halfway.head(), halfway.piece()) == ((200, ""), b"half")
        stream = Client(server).ask("/v1/stream", world.key())
        assert (stream.head(), stream.piece()) == ((200, ""), b"id: 4\n\n")
        late = has_read(server, "/test/late")

        assert b"This process is stopping: send requests to another one." in stop(server)
        assert Client(server).send(HEALTH).answer() == LAST
        assert idle.send(HEALTH).answer() == LAST
        assert begun.send(HEALTH[9:]).answer() == LAST
        assert idle.is_closed()
        assert begun.is_closed()
        server.go_on.set()
        assert late.answer() == (200, "close", b"late")
        assert late.is_closed()
        assert halfway.rest() == b"way"  # nothing said that this connection will be closed
        assert halfway.send(HEALTH).answer() == LAST
        assert halfway.is_closed()

        world.change(alert(id="n1"), ChangeKind.OPENED, NOW, "an invented reason")
        assert stream.news().startswith(b"id: 5\ndata: ")
        server.stop()
        assert stream.news() == b""
        stream.socket.close()
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        assert server.exit_code() == 0


def test_without_a_drain_nothing_that_came_is_dropped(world: World) -> None:
    with serving(world, drain=MANY_SECONDS, quiet=PATIENCE) as server:
        fresh, begun = Client(server), Client(server).send(HEALTH[:9])
        halfway, kept = Client(server).ask("/test/halfway"), Client(server).send(HEALTH)
        assert (halfway.head(), halfway.piece()) == ((200, ""), b"half")
        assert kept.answer() == STAYS
        stream, key = Client(server).ask("/v1/stream", world.key()), world.key()
        assert (stream.head(), stream.piece()) == ((200, ""), b"id: 4\n\n")
        late = has_read(server, "/test/late")

        server.stop(signal.SIGINT)
        assert stream.news() == b""
        stream.socket.close()
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        assert fresh.send(HEALTH).answer() == LAST
        assert begun.send(HEALTH[9:]).answer() == LAST
        assert kept.ask("/v1/stream", key).answer() == (200, "close", b"id: 4\n\n")
        server.go_on.set()
        assert late.answer() == (200, "close", b"late")
        assert halfway.rest() == b"way"
        assert halfway.send(HEALTH).answer() == LAST
        assert server.exit_code() == 0


def test_who_does_not_read_or_send_on_is_cut_and_so_is_a_thread_that_hangs(world: World) -> None:
    drain = Settings.model_fields["drain_seconds"].default
    assert drain + FINISH_SECONDS < 9, "for which container engines wait"
    with serving(world, drain=0, finish=1) as server:
        idle, hanging = Client(server), has_read(server, "/test/hanging")
        begun, stuck = [Client(server).send(HEALTH[:9]) for _ in range(2)]
        large = has_read(server, "/test/large")
        assert large.head() == (200, "")
        stopped_at = time.monotonic()
        server.stop()
        assert idle.is_closed()
        assert begun.send(HEALTH[9:]).answer() == LAST
        assert server.exit_code() == 0
        assert time.monotonic() - stopped_at >= 1, "which was the time to finish"
        with pytest.raises((h11.RemoteProtocolError, ConnectionResetError)):
            large.rest()
        assert stuck.is_closed()
        assert hanging.answer()[:2] == (500, "close")
