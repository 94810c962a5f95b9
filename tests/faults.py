"""A proxy between a client and a provider that simulates faults of networks and servers.

Each connection takes one fault from the front of the list. When none is left, answers are passed on
unchanged.
"""

import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Fault = Callable[[socket.socket, bytes], None]
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
SLICE = 61  # bytes


def well(connection: socket.socket, answer: bytes) -> None:
    """Send the answer unchanged."""
    connection.sendall(answer)


def down(connection: socket.socket, _answer: bytes) -> None:
    """Reset the connection before the first byte."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def reset(connection: socket.socket, answer: bytes) -> None:
    """Send half of the answer, then reset the connection."""
    connection.sendall(answer[: len(answer) // 2])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def truncated(connection: socket.socket, answer: bytes) -> None:
    """Send the answer without its last bytes, then close the connection normally."""
    connection.sendall(answer[:-5])


def silent(connection: socket.socket, _answer: bytes) -> None:
    """Send nothing until the client gives up."""
    connection.recv(1)


def slow_close(connection: socket.socket, answer: bytes) -> None:
    """Send all but the last byte, and then nothing until the client gives up."""
    connection.sendall(answer[:-1])
    connection.recv(1)


def sliced(connection: socket.socket, answer: bytes) -> None:
    """Send the whole answer, a few bytes at a time."""
    for start in range(0, len(answer), SLICE):
        connection.sendall(answer[start : start + SLICE])


def answering(status: int, body: bytes = b"", *headers: str) -> Fault:
    """Return a fault that sends another answer in place of the provider's."""

    def fault(connection: socket.socket, _answer: bytes) -> None:
        head = [f"HTTP/1.1 {status} Told", *headers, f"Content-Length: {len(body)}"]
        connection.sendall("\r\n".join(head).encode() + b"\r\nConnection: close\r\n\r\n" + body)

    return fault


def altered(change: Callable[[bytes], bytes]) -> Fault:
    """Return a fault that sends the provider's answer with a changed body."""

    def fault(connection: socket.socket, answer: bytes) -> None:
        head, body = answer.split(b"\r\n\r\n", 1)
        body = change(body)
        length = b"Content-Length: %d" % len(body)
        head = re.sub(rb"(?i)content-length: \d+", length, head)
        connection.sendall(head + b"\r\n\r\n" + body)

    return fault


@dataclass
class FaultProxy:
    """The proxy: its own address, the server behind it, and the faults to come."""

    upstream: str
    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    connections: int = 0

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(10)
            request = _request(connection)
            if not request:
                return
            self.connections += 1
            fault = self.faults.popleft() if self.faults else well
            fault(connection, self._answer(request))

    def _answer(self, request: bytes) -> bytes:
        host, port = self.upstream.removeprefix("http://").split(":")
        head, rest = request.split(b"\r\n", 1)
        with socket.create_connection((host, int(port)), timeout=10) as upstream:
            upstream.sendall(head + b"\r\nConnection: close\r\n" + rest)
            parts = []
            while part := upstream.recv(65536):
                parts.append(part)
        return b"".join(parts)


def _request(connection: socket.socket) -> bytes:
    """Read one request with its body. Drop its `connection` header; the proxy sets its own."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    length = re.search(rb"(?i)content-length: (\d+)", data)
    wanted = data.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(data) < wanted:
        data += connection.recv(65536)
    return re.sub(rb"(?im)^connection: .*\r\n", b"", data)


@contextmanager
def between(upstream: str) -> Iterator[FaultProxy]:
    """Run a proxy in front of a server at `upstream` (http://host:port)."""
    proxy = FaultProxy(upstream)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=proxy._serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
