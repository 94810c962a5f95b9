"""An HTTP server on loopback for benchmarks, whose answers come from a function."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serving(answer: Callable[[str], bytes | HTTPStatus | None]) -> Iterator[str]:
    """Run an HTTP server on loopback that answers every path and method by a function.

    The function returns a body, a status without a body, or None if there is nothing at the path.
    """

    class Handler(BaseHTTPRequestHandler):
        def _say(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            found = answer(self.path)
            body = found if isinstance(found, bytes) else b""
            empty = found if isinstance(found, HTTPStatus) else HTTPStatus.NOT_FOUND
            self.send_response(HTTPStatus.OK if isinstance(found, bytes) else empty)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _say  # noqa: N815 (the names that the server calls)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
