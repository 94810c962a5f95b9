"""A real HTTP server on loopback for an application of a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from ewarn.run.serve import open_socket


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve an application in a thread; yield the address of the server."""
    opened = open_socket("127.0.0.1", 0)
    opened.listen()
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{opened.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
