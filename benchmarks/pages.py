"""Weight of the first page over the line, and the time until it is seen, in a real browser.

The whole world is scored. Sizes are those of all answers together, as they were sent: compressed,
with their headers. The browser's store is empty at first, as at the first visit.
"""

import multiprocessing
import shutil
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from playwright.sync_api import Browser, sync_playwright

from benchmarks.api_polls import NOW, scored_world
from benchmarks.rows import Row
from benchmarks.score_cycle import SOURCE
from benchmarks.stores import service_on, sqlite
from ewarn.run.serve import open_socket, serve
from ewarn.run.wiring_api import make_api

FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu"]
REPEATED = 5
OFFICE, WORLD, EVERY_ROW = "/?where=yaounde", "/", "/?all=1"
KB = 1000
PAINT_BAR = 1.5  # seconds
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


@dataclass(frozen=True, slots=True)
class _Visit:
    """What one visit of a page sent, in bytes, and when something was seen, in seconds."""

    size: float
    painted: float
    hosts: frozenset[str]


def main() -> list[Row]:
    """Measure the page of an office, what it asks again each minute, and the page of the world."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with sqlite() as url:
        server = context.Process(target=_serve, args=(url, theirs), daemon=True)
        server.start()
        try:
            port, key, regions = ours.recv()
            with sync_playwright() as playwright:
                path = shutil.which("chromium")
                browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
                return _rows(browser, f"http://127.0.0.1:{port}", key, regions)
        finally:
            server.terminate()
            server.join()


def _rows(browser: Browser, site: str, key: str, regions: int) -> list[Row]:
    _visit(browser, site + WORLD, key)  # the server draws outlines only once
    office = [_visit(browser, site + OFFICE, key) for _ in range(REPEATED)]
    world = [_visit(browser, site + WORLD, key) for _ in range(REPEATED)]
    rows = [_visit(browser, site + EVERY_ROW, key) for _ in range(REPEATED)]
    poll = _visit(browser, f"{site}{OFFICE}&part=fresh", key)
    assert all(each.hosts == {site} for each in (*office, *world)), "another host was asked"
    return [
        _weight("Situation of an office, first visit", office[0].size, 150),
        _weight("Situation of an office, a poll with new data", poll.size, 10),
        _weight(f"Situation of the world, {regions:,} regions on the map", world[0].size, 1200),
        _weight(f"The same, {regions:,} rows in the table, too", rows[0].size, 1200),
        _painted(f"Situation of the world, {regions:,} regions on the map", world),
        _painted(f"The same, {regions:,} rows in the table, too", rows),
    ]


def _painted(what: str, visits: Sequence[_Visit]) -> Row:
    seconds = statistics.median(each.painted for each in visits)
    return Row(
        f"{what}: first contentful paint",
        f"{seconds:.2f} s (median of {len(visits)})",
        f"bar {PAINT_BAR} s",
        f"{seconds / PAINT_BAR:.2f} of the bar",
    )


def _weight(what: str, size: float, bar: float) -> Row:
    return Row(
        what, f"{size / KB:.1f} kB sent", f"bar {bar} kB", f"{size / KB / bar:.2f} of the bar"
    )


def _visit(browser: Browser, address: str, key: str) -> _Visit:
    """Visit a page with an empty store of the browser."""
    context = browser.new_context(extra_http_headers={"X-API-Key": key}, service_workers="block")
    page = context.new_page()
    sizes: list[float] = []
    hosts: set[str] = set()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: hosts.add("/".join(request.url.split("/")[:3])))
    page.goto(address, wait_until="networkidle")
    if "part=" not in address:
        page.wait_for_selector(".drawing .region")  # the outlines have come, too
    visit = _Visit(sum(sizes), page.evaluate(_PAINTED) / 1000, frozenset(hosts))
    context.close()
    return visit


def _serve(url: str, pipe: Connection) -> None:
    """Score the world, and serve it."""
    with service_on(url, sources=(SOURCE,)) as service:
        text = scored_world(service)
        app, opened = make_api(service, lambda: NOW), open_socket("127.0.0.1", 0)
        opened.listen(100)
        regions = len([each for each in service.places.regions() if each.parent is not None])
        pipe.send((opened.getsockname()[1], text, regions))
        serve(app, opened, drain=0, ready=lambda: None)


if __name__ == "__main__":
    for row in main():
        print(row)
