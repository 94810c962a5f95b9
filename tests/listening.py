"""A real TCP server on loopback that sends exactly the bytes that a test chooses."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

Talk = Callable[[socket.socket], None]


class Listener:
    """A server that calls `talk` for each connection, in a thread of its own.

    `connections` is the number of connections so far.
    """

    def __init__(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self._talk = talk
        self._tls = tls
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._run, args=(opened,))
            self._threads.append(thread)
            thread.start()

    def _run(self, opened: socket.socket) -> None:
        self._open.append(opened)
        with contextlib.suppress(OSError):
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_side=True)
                self._open.append(opened)
            self._talk(opened)
        opened.close()

    def stop(self) -> None:
        """Close all connections."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._server.close()
        for opened in self._open:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Provide a function that starts servers, which stop at the end of the test."""
    started: list[Listener] = []

    def start(talk: Talk, tls: ssl.SSLContext | None = None) -> Listener:
        started.append(Listener(talk, tls))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def read_request(connection: socket.socket) -> bytes:
    """Read the head and the body of one request; empty if the client closed the connection."""
    read = b""
    while b"\r\n\r\n" not in read:
        part = connection.recv(65_536)
        if not part:
            return b""
        read += part
    head, _, body = read.partition(b"\r\n\r\n")
    (length,) = (
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if b"content-length" in line
    )
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
