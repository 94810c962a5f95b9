"""A local provider for tests: an HTTP server with given answers that records the requests.

Answers are given by path, or by one function for all paths. Nothing it serves is real data.
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
    """A request of a client."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Provider:
    """The answers by path, and the recorded requests.

    The answers of a path are used in order, and the last one is used again. A path without answers
    is passed to `otherwise`, which answers 404 by default.
    """

    url: str = ""
    answers: dict[str, list[Reply]] = field(default_factory=dict)
    otherwise: Callable[[Request], Reply] = lambda _: Reply(b"no", 404)
    requests: list[Request] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The paths of all requests so far."""
        return [request.path for request in self.requests]

    def answer(self, request: Request) -> Reply:
        """Return the next answer to a request."""
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
        # Send the body at once after the headers. Otherwise it waits 40 ms for an acknowledgement.
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
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Ignore clients that close the connection, which is part of the tests."""

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
    """Provide a running provider without answers."""
    with serving(Provider()) as opened:
        yield opened


@pytest.fixture
def web() -> Iterator[Web]:
    """Provide a `Web` that never sleeps between tries."""
    with httpx.Client(trust_env=False) as client:
        yield Web(client, sleep=lambda _: None)


def fetched(
    source: Source, since: datetime | None, now: datetime
) -> tuple[list[Payload], SourceError | None]:
    """Return the complete payloads that a source yielded, and the error it ended with, or None."""
    payloads: list[Payload] = []
    try:
        for item in source.fetch(since, now):
            assert isinstance(item, Payload)
            payloads.append(item)
    except SourceError as error:
        return payloads, error
    return payloads, None
