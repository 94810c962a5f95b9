"""Speed of polling scores and alerts over HTTP, compared with an empty answer of both apps.

The world is scored and has open alerts. One client asks over one open connection, and does as
little as possible itself, so that the time is the server's.
"""

import multiprocessing
import socket
import statistics
import threading
import time
from contextlib import ExitStack
from datetime import datetime
from multiprocessing.connection import Connection

import uvicorn
from fastapi import FastAPI, Response

from benchmarks.acknowledge import open_alerts
from benchmarks.rows import Row
from benchmarks.score_cycle import ORIGIN, SOURCE, fill
from benchmarks.stores import service_on, sqlite
from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.time import midnight
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.run.serve import open_socket
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys

NOW = midnight(ORIGIN)
ROUNDS = 15
REQUESTS = 300  # of each kind in a round
WARM_UP = 50
COUNTRY = "/v1/scores?country=TGO"
OFFICE = "/v1/scores?office=yaounde&level=admin1&limit=40"
ALERTS = "/v1/alerts?limit=100"
BARS = {"unchanged": 0.8, "office": 0.5, "alerts": 0.35, "empty": 0.75}


def main() -> list[Row]:
    """Measure requests a second of one client on an open connection to a server process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with sqlite() as url:
        server = context.Process(target=_serve, args=(url, theirs), daemon=True)
        server.start()
        try:
            port, bare_port, key = ours.recv()
            return _measured(port, bare_port, key)
        finally:
            server.terminate()
            server.join()


class _Client:
    """One kind of request, over a connection of its own."""

    def __init__(self, port: int, path: str, status: int, **headers: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._request = "\r\n".join([*lines, "", ""]).encode()
        self._begins = f"HTTP/1.1 {status} ".encode()

    def __enter__(self) -> "_Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self) -> bytes:
        """Ask once, read the whole answer, and return its head."""
        self._socket.sendall(self._request)
        said = self._socket.recv(1 << 18)
        while b"\r\n\r\n" not in said:
            said += self._socket.recv(1 << 18)
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(self._begins), head
        left = int(_header(head, b"content-length") or 0) - len(body)
        while left > 0:
            left -= len(self._socket.recv(1 << 18))
        return head

    def round(self, number: int) -> list[float]:
        """Ask some times, and return the seconds that each request took."""
        taken = []
        for _ in range(number):
            start = time.perf_counter()
            self.ask()
            taken.append(time.perf_counter() - start)
        return taken


def _header(head: bytes, name: bytes) -> str:
    _, found, rest = head.lower().partition(b"\r\n" + name + b": ")
    return rest.partition(b"\r\n")[0].decode() if found else ""


def _measured(port: int, bare_port: int, key: str) -> list[Row]:
    def asked(path: str, status: int = 200, **headers: str) -> _Client:
        return stack.enter_context(
            _Client(port, path, status, Authorization=f"Bearer {key}", **headers)
        )

    with ExitStack() as stack:
        etag = _header(asked(OFFICE).ask(), b"etag")
        kinds = {
            "bare": stack.enter_context(_Client(bare_port, "/empty", 200)),
            "empty": stack.enter_context(_Client(port, "/empty", 200)),
            "country": asked(COUNTRY),
            "office": asked(OFFICE),
            "unchanged": asked(OFFICE, 304, If_None_Match=etag),
            "alerts": asked(ALERTS),
        }
        times: dict[str, list[list[float]]] = {name: [] for name in kinds}
        for client in kinds.values():
            client.round(WARM_UP)
        for _ in range(ROUNDS):
            for name, client in kinds.items():
                times[name].append(client.round(REQUESTS))
    return [
        _row(f"GET {COUNTRY}, 200", "country", times),
        _row("GET /v1/scores of an office's 40 regions, 200", "office", times),
        _row("its 304 with If-None-Match", "unchanged", times),
        _row("GET /v1/alerts, a page of 100", "alerts", times),
        _row("GET /empty of the same app", "empty", times),
    ]


def _row(what: str, name: str, times: dict[str, list[list[float]]]) -> Row:
    every = sorted(second for taken in times[name] for second in taken)
    half, most = statistics.median(every), every[int(len(every) * 0.99)]
    others = [other for other in ("empty", "bare") if other != name]
    labels = {"empty": "/empty of the same app", "bare": "/empty of a bare FastAPI app"}
    bar = f" (bar {BARS[name]:.2f})" if name in BARS else ""
    return Row(
        what,
        f"{1 / statistics.fmean(every):,.0f} requests/s, "
        f"p50 {half * 1000:.2f} ms, p99 {most * 1000:.2f} ms{bar}",
        "; ".join(f"{labels[other]}: {_rate(times[other]):,.0f}/s" for other in others),
        "; ".join(f"{_ratio(times[name], times[other]):.2f} of its requests/s" for other in others),
    )


def _rate(rounds: list[list[float]]) -> float:
    return 1 / statistics.fmean(second for taken in rounds for second in taken)


def _ratio(rounds: list[list[float]], others: list[list[float]]) -> float:
    """Return the median over rounds of the reference's time divided by ours."""
    return statistics.median(
        sum(other) / sum(taken) for taken, other in zip(rounds, others, strict=True)
    )


def _serve(url: str, pipe: Connection) -> None:
    """Run both apps in one process on two ports, and send the ports and a key when they listen."""
    with service_on(url, sources=(SOURCE,)) as service:
        text = scored_world(service)
        app, bare = make_api(service, _clock), FastAPI()
        opened = [open_socket("127.0.0.1", 0) for _ in range(2)]
        for each, its in zip((app, bare), opened, strict=True):
            each.add_api_route("/empty", _empty)
            its.listen()
        pipe.send((opened[0].getsockname()[1], opened[1].getsockname()[1], text))
        beside = threading.Thread(target=_run, args=(bare, opened[1]), daemon=True)
        beside.start()
        _run(app, opened[0])


def scored_world(service: Service) -> str:
    """Score the world, open alerts, and return the text of a key that reads everything."""
    fill(service)
    score(service, SOURCE, NOW)
    open_alerts(service, 200)
    key, text = issue("bench", READ_SCOPES, ["*"], NOW)
    with service.store.write() as connection:
        keys.add(connection, key)
    return text


def _clock() -> datetime:
    return NOW


def _run(app: FastAPI, opened: socket.socket) -> None:
    uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=60)
    ).run([opened])


async def _empty() -> Response:
    return Response()
