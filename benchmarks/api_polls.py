"""Polling scores over HTTP, beside an empty answer of the same app and of a bare one."""

import http.client
import multiprocessing
import socket
import statistics
import threading
import time
from contextlib import closing
from datetime import date, datetime
from multiprocessing.connection import Connection

import uvicorn
from fastapi import FastAPI, Response

from benchmarks.rows import Row
from benchmarks.stores import service_on, sqlite
from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.time import midnight
from ewarn.run.replay import replay
from ewarn.run.serve import open_socket
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys
from ingest.chronicle.source import NAME as SOURCE

ORIGIN = date(2017, 9, 4)
ROUNDS = 15
REQUESTS = 100  # of each kind in a round
WARM_UP = 50
POLL = "/v1/scores?country=TGO"


def main() -> list[Row]:
    """Requests a second of one client on a kept connection, server and client in two processes."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with sqlite() as url:
        server = context.Process(target=_serve, args=(url, theirs), daemon=True)
        server.start()
        try:
            port, bare_port, key = ours.recv()
            return _measured(port, bare_port, {"Authorization": f"Bearer {key}"})
        finally:
            server.terminate()
            server.join()


def _measured(port: int, bare_port: int, headers: dict[str, str]) -> list[Row]:
    with (
        closing(http.client.HTTPConnection("127.0.0.1", port)) as app,
        closing(http.client.HTTPConnection("127.0.0.1", bare_port)) as bare,
    ):
        etag = _get(app, POLL, headers, 200)
        kinds = {
            "bare": (bare, "/empty", {}, 200),
            "empty": (app, "/empty", {}, 200),
            "scores": (app, POLL, headers, 200),
            "unchanged": (app, POLL, headers | {"If-None-Match": etag}, 304),
        }
        times: dict[str, list[list[float]]] = {name: [] for name in kinds}
        for asked in kinds.values():
            _round(asked, WARM_UP)
        for _ in range(ROUNDS):
            for name, asked in kinds.items():
                times[name].append(_round(asked, REQUESTS))
    return [
        _row(f"GET {POLL}, 200", "scores", times),
        _row("its 304 with If-None-Match", "unchanged", times),
        _row("GET /empty of the same app", "empty", times),
    ]


Asked = tuple[http.client.HTTPConnection, str, dict[str, str], int]


def _round(asked: Asked, number: int) -> list[float]:
    connection, path, headers, status = asked
    taken = []
    for _ in range(number):
        start = time.perf_counter()
        _get(connection, path, headers, status)
        taken.append(time.perf_counter() - start)
    return taken


def _get(
    connection: http.client.HTTPConnection, path: str, headers: dict[str, str], status: int
) -> str:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == status, f"{path}: {answer.status}"
    return answer.headers.get("ETag", "")


def _row(what: str, name: str, times: dict[str, list[list[float]]]) -> Row:
    every = sorted(second for taken in times[name] for second in taken)
    half, most = statistics.median(every), every[int(len(every) * 0.99)]
    others = [other for other in ("empty", "bare") if other != name]
    labels = {"empty": "/empty of the same app", "bare": "/empty of a bare FastAPI app"}
    return Row(
        what,
        f"{1 / statistics.fmean(every):,.0f} requests/s, "
        f"p50 {half * 1000:.2f} ms, p99 {most * 1000:.2f} ms",
        "; ".join(f"{labels[other]}: {_rate(times[other]):,.0f}/s" for other in others),
        "; ".join(f"{_ratio(times[name], times[other]):.2f} of its requests/s" for other in others),
    )


def _rate(rounds: list[list[float]]) -> float:
    return 1 / statistics.fmean(second for taken in rounds for second in taken)


def _ratio(rounds: list[list[float]], others: list[list[float]]) -> float:
    """The median over rounds of the reference's time by ours."""
    return statistics.median(
        sum(other) / sum(taken) for taken, other in zip(rounds, others, strict=True)
    )


def _serve(url: str, pipe: Connection) -> None:
    """Both apps in one process, on two ports; says where, and the key, when they listen."""
    with service_on(url, sources=(SOURCE,)) as service:
        list(replay(service, SOURCE, [ORIGIN]))

        def clock() -> datetime:
            return midnight(ORIGIN)

        key, text = issue("bench", READ_SCOPES, ["*"], clock())
        with service.store.write() as connection:
            keys.add(connection, key)
        app, bare = make_api(service, clock), FastAPI()
        opened = [open_socket("127.0.0.1", 0) for _ in range(2)]
        for each, its in zip((app, bare), opened, strict=True):
            each.add_api_route("/empty", _empty)
            its.listen()
        pipe.send((opened[0].getsockname()[1], opened[1].getsockname()[1], text))
        beside = threading.Thread(target=_run, args=(bare, opened[1]), daemon=True)
        beside.start()
        _run(app, opened[0])


def _run(app: FastAPI, opened: socket.socket) -> None:
    uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, timeout_keep_alive=60)
    ).run([opened])


async def _empty() -> Response:
    return Response()
