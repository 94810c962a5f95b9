"""A server of the invented world as a process, with answers that last as long as a test wants.

Loading the API takes seconds. So one process loads it, and each server is a fork of that one.
"""

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from api.app import create_app
from api.routes.feeds.change_feed import ChangeFeed
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run import serve
from ewarn.run.console import leave_at_once
from ewarn.store.database.engine import Store
from tests.api.world import World

LARGE = 1 << 24  # bytes, more than the buffers of a connection hold
PATIENCE = 60  # seconds for what should happen soon

load_gazetteer()
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


@dataclass
class Server:
    """A running server. `go_on` lets the answers of `/test/late` and `/test/halfway` go on."""

    process: ForkServerProcess
    go_on: Event
    port: int
    connections: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """Return a new connection."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.connections.append(opened)
        return opened

    def kill(self) -> None:
        """End the server, if it still runs, and the connections to it."""
        self.process.kill()
        self.process.join()
        for opened in self.connections:
            opened.close()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        assert self.process.pid is not None
        os.kill(self.process.pid, number)

    def exit_code(self) -> int | None:
        """Return the exit code of the server, once it has ended."""
        self.process.join(PATIENCE)
        return self.process.exitcode


def start(database: str, **options: Any) -> Server:
    """Start a server with a drain of `drain` seconds; see `_serve` for the other options."""
    go_on = _forks.Event()
    ours, theirs = _forks.Pipe()
    process = _forks.Process(target=_serve, args=(database, go_on, theirs, options), daemon=True)
    process.start()
    theirs.close()
    assert ours.poll(PATIENCE)
    return Server(process, go_on, ours.recv())


def _serve(database: str, go_on: Event, ready: Connection, options: dict[str, Any]) -> None:
    state = World(Store(database)).state()
    app = create_app(state)
    app.state.changes = ChangeFeed(state, seconds=0.01)
    _add_slow_answers(app, go_on)
    opened = serve.open_socket("127.0.0.1", options.get("port", 0))
    opened.listen()
    port = opened.getsockname()[1]
    with patch.object(serve, "QUIET_SECONDS", options.get("quiet", 0.1)):
        serve.serve(
            app,
            opened,
            drain=options["drain"],
            finish=options.get("finish", PATIENCE),
            ready=lambda: ready.send(port),
        )
    leave_at_once(0)


def _add_slow_answers(app: FastAPI, go_on: Event) -> None:
    @app.get("/test/late")
    async def late() -> Response:
        await asyncio.to_thread(go_on.wait)
        return PlainTextResponse("late")

    @app.get("/test/halfway")
    async def halfway() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            await asyncio.to_thread(go_on.wait)
            yield b"way"

        return StreamingResponse(pieces())

    @app.get("/test/hanging")
    def hanging() -> None:
        threading.Event().wait()

    @app.get("/test/large")
    async def large() -> Response:
        return PlainTextResponse(bytes(LARGE))
