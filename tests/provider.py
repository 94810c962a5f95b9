"""A provider on this machine: an HTTP server that says what a test tells it to, and remembers.

Give answers by path, or one function for all. Nothing it serves is real data.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import stamina

from ewarn.domain.source import Payload
from ewarn.errors import SourceError
from ewarn.ports import Source
from ingest.shared.web import Web


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What it is answered."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """Answers by path: a list is used up from the front, its last answer stays; what has no
    answer is asked of `otherwise`, which says 404 unless a test gives another.
    """

    url: str = ""
    answers: dict[str, list[Reply]] = field(default_factory=dict)
    otherwise: Callable[[Request], Reply] = lambda _: Reply(b"no", 404)
    requests: list[Request] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [request.path for request in self.requests]

    def answer(self, request: Request) -> Reply:
        """The next answer to a request."""
        self.requests.append(request)
        answers = self.answers.get(request.path)
        if not answers:
            return self.otherwise(request)
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve a provider on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A body goes out after its headers, not when the client has acknowledged them (40 ms).
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            request = Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            reply = provider.answer(request)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        with stamina.set_testing(True, attempts=3):
            yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that knows nothing yet."""
    with serving(Provider()) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Web]:
    """A `Web` that never sleeps."""
    with httpx.Client(trust_env=False) as client:
        yield Web(client, sleep=lambda _: None)


def fetched(
    source: Source, since: datetime | None, now: datetime
) -> tuple[list[Payload], SourceError | None]:
    """What a source gave that is whole, and the error it ended with, if it did."""
    payloads: list[Payload] = []
    try:
        for item in source.fetch(since, now):
            assert isinstance(item, Payload)
            payloads.append(item)
    except SourceError as error:
        return payloads, error
    return payloads, None
