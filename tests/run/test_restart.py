"""Tests that two servers restart one after another under load, and no request fails."""

import selectors
import socket
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import httpx
import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.store.database.engine import Store
from tests.api.world import NOW, World, alert, filled
from tests.listening import Listener
from tests.run import a_server
from tests.run.a_server import PATIENCE, Server
from tests.run.waiting import until

pytestmark = pytest.mark.xdist_group("a_server")  # one process loads the API for all of them
PATHS = ["/v1/scores?country=TGO", "/v1/events?format=csv", "/v1/alerts"]


class Balancer:
    """Joins each connection of a client to a server that is ready, in turn."""

    def __init__(self, servers: list[Server]) -> None:
        self.servers = servers
        self._turn = count()

    def __call__(self, client: socket.socket) -> None:
        """Serve one connection."""
        with self._behind() as server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in ready.select():
                    part = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not part:
                        return
                    key.data.sendall(part)

    def _behind(self) -> socket.socket:
        while True:
            port = self.servers[next(self._turn) % len(self.servers)].port
            with suppress(ConnectionRefusedError):
                with socket.create_connection(("127.0.0.1", port)) as opened:
                    opened.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
                    is_ready = b" 200 " in opened.recv(65_536)
                if is_ready:
                    return socket.create_connection(("127.0.0.1", port))


class Load:
    """Clients that poll without a pause on connections that they keep, and one that follows.

    None of them tries a request twice.
    """

    def __init__(self, world: World, address: str) -> None:
        self.failures: list[str] = []
        self.answers: Counter[str] = Counter()
        self.ids: list[int] = []  # of the changes that the follower received
        self._world, self._address, self._stream = world, address, f"{address}/v1/stream"
        self._headers = {"X-API-Key": world.key()}
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._poll, args=(path,)) for path in PATHS]
        self._threads.append(threading.Thread(target=self._follow))
        for thread in self._threads:
            thread.start()

    def change(self, number: int) -> None:
        """Change an alert, which is the change of that number."""
        made = alert(id=f"n{number}")
        self._world.change(made, ChangeKind.OPENED, NOW, "an invented reason")

    def works(self, *ids: int) -> None:
        """Wait until every client was answered some times more, and these changes have come."""
        seen = self.answers.copy()
        until(lambda: all(self.answers[path] > seen[path] + 5 for path in PATHS))
        until(lambda: len(self.ids) >= len(ids))
        assert self.ids == list(ids)

    def end(self) -> None:
        """Let the clients end."""
        self._is_over.set()
        self.change(9)
        for thread in self._threads:
            thread.join()

    def _poll(self, path: str) -> None:
        with httpx.Client(headers=self._headers, timeout=PATIENCE) as http:
            while not self._is_over.is_set():
                try:
                    http.get(f"{self._address}{path}").raise_for_status()
                except httpx.HTTPError as error:
                    self.failures.append(f"{path}: {error!r}")
                self.answers[path] += 1

    def _follow(self) -> None:
        last = {"Last-Event-ID": "4"}
        while not self._is_over.is_set():
            headers = self._headers | last
            with httpx.stream("GET", self._stream, headers=headers, timeout=PATIENCE) as answer:
                for line in answer.iter_lines():
                    if self._is_over.is_set():
                        return
                    if line.startswith("id: ") and line[4:] != last["Last-Event-ID"]:
                        last["Last-Event-ID"] = line[4:]
                        self.ids.append(int(line[4:]))


def test_two_servers_restart_one_after_another_and_no_request_fails(
    postgresql_url: str, listen: Callable[..., Listener]
) -> None:
    world = filled(Store(postgresql_url))
    started = [a_server.start(postgresql_url, drain=0.5) for _ in range(2)]
    balancer = Balancer(started.copy())
    load = Load(world, f"http://127.0.0.1:{listen(balancer).port}")
    try:
        load.change(5)
        load.works(5)
        for place, number in ((0, 6), (1, 7)):
            balancer.servers[place].stop()
            load.change(number)
            assert balancer.servers[place].exit_code() == 0
            started.append(a_server.start(postgresql_url, drain=0.5))
            balancer.servers[place] = started[-1]
            load.works(*range(5, number + 1))
    finally:
        load.end()
        for server in started:
            server.kill()
        world.store.dispose()
    assert load.failures == []
