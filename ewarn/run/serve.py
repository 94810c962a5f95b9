"""Serve the API on a socket that is opened here, so that a used port gives a clear message."""

import asyncio
import errno
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from functools import cache
from time import monotonic
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from ewarn.errors import PortTaken, UsageError

FINISH_SECONDS = 6  # after the usual drain; container engines wait for ten seconds in all
QUIET_SECONDS = 1
_TICK = 0.1


def open_socket(host: str, port: int) -> socket.socket:
    """Open and bind a socket.

    Raises:
        PortTaken: Another program uses the port.
        UsageError: The address does not belong to this machine or cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise UsageError(
            f"EWARN_HOST names {host!r}, which is not an address of this machine"
        ) from None
    opened = socket.socket(family, kind, protocol)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind(address)
    except OSError as error:
        opened.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {port} on {host} is taken; stop what uses it or set EWARN_PORT to another"
            ) from None
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return opened


def exit_on_stop_signal() -> None:
    """Let SIGTERM and SIGINT end this process cleanly, so that every `finally` block runs."""
    on_stop_signal(lambda: sys.exit(0))


def on_stop_signal(stop: Callable[[], None]) -> None:
    """Call `stop` when SIGTERM or SIGINT arrives, and log the signal."""

    def handle(number: int, _frame: FrameType | None) -> None:
        log_stop(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


@cache  # uvicorn handles a signal first and then raises it again
def log_stop(number: int) -> None:
    """Log, one time only, that a signal asked this process to stop."""
    structlog.get_logger().info("told to stop", signal=signal.Signals(number).name)


class _Connection(H11Protocol):
    """A connection of a client, which a stop does not close under a request.

    Another request may be on its way if no answer said that the connection will be closed. So it is
    closed when it was quiet for a moment. The answer to what still came closes it, too.
    """

    def shutdown(self) -> None:
        """Close the connection as soon as nothing is going on."""
        self.timeout_keep_alive = QUIET_SECONDS  # after the answer that is in progress, if any
        has_answered = self.cycle is None or self.cycle.response_complete
        has_begun, _ = self.conn.trailing_data
        if has_answered and not has_begun:
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                QUIET_SECONDS, self.timeout_keep_alive_handler
            )


class _Server(uvicorn.Server):
    """Stops without dropping a request.

    After SIGTERM it serves on for the seconds of the drain, with every answer closing its
    connection. Then it takes no new connections, ends the streams and finishes what is in progress.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        app: FastAPI,
        drain: float,
        ready: Callable[[], None],
        stopping: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._app, self._drain = app, drain
        self._ready, self._stopping = ready, stopping
        self._is_hurried = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and say that requests can come."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Handle a signal. Ctrl+C, or any second signal, cuts the drain short."""
        log_stop(sig)
        is_stopping: threading.Event = self._app.state.is_stopping
        self._is_hurried = sig == signal.SIGINT or is_stopping.is_set()
        is_stopping.set()
        self._stopping()
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """Serve until a signal comes and the drain is over."""
        await super().main_loop()
        ends_at = monotonic() + self._drain
        while monotonic() < ends_at and not self._is_hurried:
            await self.on_tick(0)  # it keeps the header `Date` right
            await asyncio.sleep(_TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, which never end by themselves, and finish the requests."""
        self._app.state.changes.close()
        await super().shutdown(sockets)


def serve(
    app: FastAPI,
    opened: socket.socket,
    *,
    drain: float,
    finish: int = FINISH_SECONDS,
    proxies: Sequence[str] = (),
    ready: Callable[[], None],
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal comes, and return when everything has been answered.

    The caller should then leave at once: an ordinary exit waits for threads that hang.

    Args:
        drain: Seconds after SIGTERM in which requests are still taken.
        finish: Seconds that requests in progress then have; after that they are cut.
        proxies: Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
        ready: Called as soon as requests can arrive.
        stopping: Called when a signal arrives.
    """
    exit_on_stop_signal()
    config = uvicorn.Config(
        app,
        http=_Connection,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=finish,
        proxy_headers=bool(proxies),  # uvicorn alone would believe any program on this machine
        forwarded_allow_ips=list(proxies),
    )
    _freeze_loaded()
    try:
        _Server(config, app, drain, ready, stopping).run(sockets=[opened])
    except SystemExit as left:  # uvicorn stops gracefully and then raises the signal again
        if left.code:
            raise


def _freeze_loaded() -> None:
    """Leave all that was loaded so far out of garbage collection.

    It is needed until the end. To look through its half a million objects again and again would
    stop every request for some hundred milliseconds.
    """
    gc.collect()
    gc.freeze()
