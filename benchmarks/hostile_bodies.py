"""Hostile request bodies that cost more than their size suggests, sent without and with a key.

It measures the time of each answer, the memory of the server, and how it answers others meanwhile.
"""

import contextlib
import gzip
import http.client
import io
import itertools
import json
import os
import random
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook

from benchmarks.rows import Row

MIB = 1024 * 1024
_JSON = {"Content-Type": "application/json"}
_SILENCE = {"reason": "x", "ends_at": "2030-01-01T00:00:00Z"}

Maker = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request that is meant to do harm."""

    path: str
    body: Maker
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)


def hostile_requests() -> dict[str, Hostile]:
    """Return sixty hostile requests by name."""
    return {**_json_bodies(), **_tables(), **_workbooks(), **_others()}


def _silence(**others: object) -> Maker:
    return lambda: json.dumps(_SILENCE | others).encode()


def _json_bodies() -> dict[str, Hostile]:
    silences = "/v1/silences"
    bodies: dict[str, Maker] = {
        "45 MB of JSON": lambda: b'{"reason": "' + b"x" * 45_000_000 + b'"}',
        "four million countries": _silence(countries=["TGO"] * 4_000_000),
        "a million regions": _silence(regions=[f"TG-{n}" for n in range(1_000_000)]),
        "lists within lists": lambda: b"[" * 60_000,
        "lists within lists, 20 MB": lambda: b"[" * 20_000_000,
        "objects within objects": lambda: b'{"a":' * 12_000 + b"1" + b"}" * 12_000,
        "a number of 60,000 digits": lambda: b'{"reason": ' + b"9" * 60_000 + b"}",
        "a number past all numbers": lambda: b'{"reason": 1e999999999, "ends_at": 1}',
        "60,000 fields": lambda: b"{" + b",".join(b'"%d":1' % n for n in range(6_000)) + b"}",
        "one field 5,000 times": lambda: b"{" + b",".join([b'"reason":"x"'] * 5_000) + b"}",
        "half a character": lambda: b'{"reason": "\\ud800", "ends_at": "2030-01-01T00:00:00Z"}',
        "NUL": lambda: b'{"reason": "a\\u0000b", "ends_at": "2030-01-01T00:00:00Z"}',
        "bytes that are no text": lambda: b'{"reason": "\xff\xfe\xff"}',
        "UTF-16": lambda: json.dumps(_SILENCE).encode("utf-16"),
        "never closed": lambda: b'{"reason": "' + b"x" * 60_000,
        "60,000 spaces": lambda: b" " * 60_000,
        "no number": _silence(targets=[float("nan")]),
        "60,000 combining signs": lambda: json.dumps(
            _SILENCE | {"reason": "a" + "\u0301" * 15_000}
        ).encode(),
        "the same list again": _silence(countries=["TGO", "TGO"]),
        "a year 9999": _silence(ends_at="9999-12-31T23:59:59Z"),
    }
    found = {name: Hostile(silences, body) for name, body in bodies.items()}
    found["an address of 50 MB"] = Hostile(
        "/v1/subscriptions",
        lambda: b'{"channel":"webhook","address":"https://' + b"a" * 50_000_000 + b'"}',
    )
    found["a team of a million"] = Hostile(
        "/v1/deployments",
        lambda: json.dumps({"country": "TGO", "reason": "x", "team": ["x"] * 1_000_000}).encode(),
    )
    found["a note of 40 MB"] = Hostile(
        "/v1/alerts/a/acknowledge", lambda: b'{"note": "' + b"x" * 40_000_000 + b'"}'
    )
    found["a text of 5,001 characters"] = Hostile(
        "/v1/recommendations",
        lambda: json.dumps({"country": "TGO", "text": "x" * 5_001, "owner": "x"}).encode(),
    )
    found["a score to suppose of 30 MB"] = Hostile(
        "/v1/rules/dry-run", lambda: b'{"region": "' + b"T" * 30_000_000 + b'"}'
    )
    return found


def _tables() -> dict[str, Hostile]:
    header = b"country,body,text,owner,given_on\n"
    bodies: dict[str, Maker] = {
        "one line of 5 MB": lambda: b"x" * (5 * MIB),
        "a line of a million columns": lambda: b"a," * 1_000_000,
        "two million lines": lambda: b"x\n" * 2_000_000,
        "a million quotes": lambda: header + b'"' * 1_000_001,
        "a quote never closed": lambda: header + b'"' + b"x\n" * 2_000_000,
        "one cell of 5 MB": lambda: header + b"TGO,upr," + b"x" * 5_000_000 + b",x,2019-01-01",
        "NUL in a table": lambda: header + b"TGO,upr,a\0b,x,2019-01-01",
        "UTF-16 without a mark": lambda: header.decode().encode("utf-16-le") * 1_000,
        "columns called alike": lambda: b"country," * 100_000 + b"\n",
        "20,000 rows that are wrong": lambda: header + b"XXX,upr,x,x,2019-01-01\n" * 20_000,
        "60 MB of table": lambda: header + b"TGO,upr,x,x,2019-01-01\n" * 2_600_000,
        "returns only": lambda: b"\r" * 4_000_000,
        "any bytes": lambda: random.Random(1).randbytes(4 * MIB),
        "gzip of 500 MB": lambda: gzip.compress(bytes(500 * MIB), 9),
    }
    path, headers = "/v1/recommendations/import", {"Content-Type": "text/csv"}
    return {name: Hostile(path, body, headers) for name, body in bodies.items()}


_STYLE = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
_SHEET, _STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def _workbooks() -> dict[str, Hostile]:
    bodies: dict[str, Maker] = {
        "styles past counting": lambda: _workbook(
            {_STYLES: lambda p: p.replace(b"<cellXfs", _STYLE * 9_000_000 + b"<cellXfs", 1)}
        ),
        "formats past counting": lambda: _workbook(
            {_STYLES: lambda p: p.replace(b"</cellXfs>", _STYLE * 9_000_000 + b"</cellXfs>", 1)}
        ),
        "a sheet of 900 MB of zeros": lambda: _workbook({_SHEET: lambda _: bytes(900 * MIB)}),
        "cells past counting": lambda: _workbook(
            {_SHEET: lambda p: p.replace(b"</row>", b"<c><v>1</v></c>" * 20_000_000 + b"</row>", 1)}
        ),
        "rows past counting": lambda: _workbook(
            {
                _SHEET: lambda p: p.replace(
                    b"</sheetData>", b"<row><c><v>1</v></c></row>" * 9_000_000 + b"</sheetData>", 1
                )
            }
        ),
        "a cell at the far corner": lambda: _workbook(
            {
                _SHEET: lambda p: p.replace(
                    b"</sheetData>",
                    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
                    1,
                )
            }
        ),
        "an entity of entities": lambda: _workbook(
            {_SHEET: lambda p: _entities() + p.replace(b"<row", b"&j;<row", 1)}
        ),
        "elements within elements": lambda: _workbook({_SHEET: lambda _: b"<a>" * 60_000_000}),
        "20,000 parts": lambda: _workbook({}, {f"xl/x{n}.xml": b"<x/>" for n in range(20_000)}),
        "a workbook cut short": lambda: _workbook({})[:-40],
        "a zip that holds itself": lambda: _archive({"a.zip": _archive({"a.zip": b"PK" * 999})}),
        "a workbook of 30 MB": lambda: _workbook(
            {}, {"x.bin": random.Random(2).randbytes(30 * MIB)}
        ),
    }
    path, headers = "/v1/recommendations/import", {"Content-Type": "application/vnd.ms-excel"}
    return {name: Hostile(path, body, headers) for name, body in bodies.items()}


def _entities() -> bytes:
    names = b"abcdefghij"
    lines = [b'<!ENTITY a "aaaaaaaaaa">']
    for before, name in itertools.pairwise(names):
        lines.append(b'<!ENTITY %c "%s">' % (name, b"&%c;" % before * 10))
    return b"<!DOCTYPE z [" + b"".join(lines) + b"]>"


def _workbook(
    changes: Mapping[str, Callable[[bytes], bytes]], more: Mapping[str, bytes] | None = None
) -> bytes:
    """Return a workbook of two cells, with some parts changed and others added."""
    plain = io.BytesIO()
    made = Workbook()
    made.active["A1"], made.active["A2"] = "country", "TGO"  # type: ignore[index]
    made.save(plain)
    with zipfile.ZipFile(plain) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, change in changes.items():
        parts[name] = change(parts[name])
    return _archive({**parts, **(more or {})})


def _archive(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def _others() -> dict[str, Hostile]:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'
    return {
        "a form of 20,000 parts": Hostile(
            "/v1/silences", lambda: b"".join(part % n for n in range(20_000)), form
        ),
        "gzip that is not asked for": Hostile(
            "/v1/silences",
            lambda: gzip.compress(b"x" * 50_000_000),
            {**_JSON, "Content-Encoding": "gzip"},
        ),
        "40 MB to an address of none": Hostile("/v1/nothing", lambda: b"x" * 40_000_000),
        "40 MB to an address that is read": Hostile("/v1/scores", lambda: b"x" * 40_000_000),
        "40 MB to the probe": Hostile("/healthz", lambda: b"x" * 40_000_000),
        "40 MB pushed": Hostile("/v1/push/kobo", lambda: b"x" * 40_000_000),
        "no kind of body": Hostile("/v1/silences", lambda: b"{}", {}),
        "a kind of body of 8 kB": Hostile(
            "/v1/silences", lambda: b"{}", {"Content-Type": "application/json; " + "x" * 8_000}
        ),
        "a list of recommendations as JSON": Hostile(
            "/v1/recommendations/import", lambda: b"[" * 5_000_000
        ),
    }


class Watch:
    """Observer of the server under attack: its memory, and how it answers others."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid, self.port = pid, port
        self.memory = self.at_rest = _resident(pid)
        self.probes: list[float] = []
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Watch":
        self._over.clear()
        self._threads = [threading.Thread(target=work) for work in (self._weigh, self._probe)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _weigh(self) -> None:
        while not self._over.wait(0.01):
            self.memory = max(self.memory, _resident(self.pid))

    def _probe(self) -> None:
        while True:
            began = time.perf_counter()
            _ask(self.port, "GET", "/healthz", {}, b"")
            self.probes.append(time.perf_counter() - began)
            if self._over.wait(0.05):
                return


def _resident(pid: int) -> int:
    """Return the memory of a process and its children in bytes, counting shared memory once."""
    total = 0
    for each in [pid, *_children(pid)]:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
            total += int(rollup.partition("Pss:")[2].split()[0]) * 1024
    return total


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _ask(port: int, method: str, path: str, headers: Mapping[str, str], body: bytes) -> int:
    """Return the status of an answer, also of one that comes before the body was read."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(connection):
        connection.connect()
        connection.putrequest(method, path)
        for name, value in ({"Content-Length": str(len(body))} | dict(headers)).items():
            connection.putheader(name, value)
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            view = memoryview(body)
            while view and not _answers(connection):
                connection.send(view[:65536])
                view = view[65536:]
        try:
            return connection.getresponse().status
        except (ConnectionResetError, http.client.RemoteDisconnected, http.client.BadStatusLine):
            return 0


def _answers(connection: http.client.HTTPConnection) -> bool:
    return bool(select.select([connection.sock], [], [], 0)[0])


@contextlib.contextmanager
def _server() -> Iterator[tuple[int, int, str]]:
    """Run `ewarn serve` on an empty store, and yield process id, port, and a key for everything."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("EWARN_")}
        settings = clean | {"EWARN_DATA_DIR": folder, "EWARN_PORT": str(port)}
        ewarn = [sys.executable, "-m", "ewarn.run.cli"]
        made = subprocess.run(
            [*ewarn, "keys", "create", "x", "--scope", "admin", "--json"],
            env=settings,
            capture_output=True,
            check=True,
        )
        key = json.loads(made.stdout)["key"]
        server = subprocess.Popen(
            [*ewarn, "serve"], env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _wait_for(port)
            yield server.pid, port, key
        finally:
            server.terminate()
            server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            if _ask(port, "GET", "/healthz", {}, b"") == 200:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not begin to serve")


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of one request.

    It holds the status, the seconds, the additional memory of the server in bytes, and the seconds
    of the slowest probe meanwhile.
    """

    status: int
    seconds: float
    memory: int
    probe: float


def main() -> list[Row]:
    """Measure each request without a key and with one, one after the other."""
    with _server() as (pid, port, key):
        return [
            _attacked("without a key", pid, port, {}),
            _attacked("with a key", pid, port, {"X-API-Key": key}),
        ]


def _attacked(said: str, pid: int, port: int, headers: Mapping[str, str]) -> Row:
    watch = Watch(pid, port)
    answers: dict[str, Answer] = {}
    for name, each in hostile_requests().items():
        body = each.body()
        watch.memory, known = watch.at_rest, len(watch.probes)
        with watch:
            began = time.perf_counter()
            status = _ask(port, "POST", each.path, {**each.headers, **headers}, body)
            seconds = time.perf_counter() - began
        probe = max(watch.probes[known:])
        answers[name] = Answer(status, seconds, watch.memory - watch.at_rest, probe)
        print(f"{said}, {name}: {answers[name]}", file=sys.stderr)
    slowest = max(answers, key=lambda name: answers[name].seconds)
    largest = max(answers, key=lambda name: answers[name].memory)
    faults = [name for name, answer in answers.items() if not 200 <= answer.status < 500]
    return Row(
        f"{len(answers)} hostile bodies {said}",
        f"slowest answer {answers[slowest].seconds:.2f} s ({slowest}); not answered: {len(faults)}",
        f"memory up by {answers[largest].memory / MIB:.0f} MiB at most ({largest})",
        f"probe meanwhile: slowest {max(watch.probes) * 1000:.0f} ms, "
        f"median {statistics.median(watch.probes) * 1000:.0f} ms",
    )
