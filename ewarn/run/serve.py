"""Serving the API: one socket, opened by us, so that a taken port is one clear sentence."""

import errno
import signal
import socket
import sys
from collections.abc import Callable
from functools import cache
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from ewarn.errors import PortTaken, UsageError


def open_socket(host: str, port: int) -> socket.socket:
    """A bound socket; raises PortTaken where another has it, UsageError where the address
    is not ours."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise UsageError(
            f"EWARN_HOST names {host!r}, which is no address of this machine"
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
        raise UsageError(f"{host}:{port} cannot be listened on: {error.strerror}") from None
    return opened


def exit_when_told() -> None:
    """Let SIGTERM and SIGINT end this process well, by way of every `finally`."""
    when_told(lambda: sys.exit(0))


def when_told(stop: Callable[[], None]) -> None:
    """Call `stop` when SIGTERM or SIGINT comes, and log that it came."""

    def hear(number: int, _frame: FrameType | None) -> None:
        log_stop(number)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, hear)


@cache  # uvicorn hears a signal first, and then raises it again
def log_stop(number: int) -> None:
    """Log once that a signal told this process to stop."""
    structlog.get_logger().info("told to stop", signal=signal.Signals(number).name)


class _Server(uvicorn.Server):
    """Says that it is told to stop, before it waits for the answers under way."""

    def __init__(self, config: uvicorn.Config, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        log_stop(sig)
        self._stopping()
        super().handle_exit(sig, frame)


def serve(
    app: FastAPI,
    opened: socket.socket,
    *,
    ready: Callable[[], None],
    stopping: Callable[[], None] = lambda: None,
) -> None:
    """Serve until interrupted; `ready` is called just before the first request can come in,
    `stopping` when a signal says to stop.
    """
    # uvicorn stops gracefully, then raises the signal again: leave by way of every `finally`.
    exit_when_told()
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    ready()
    _Server(config, stopping).run(sockets=[opened])
