"""A real browser for the tests of pages, and a tab in it."""

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from api.app import create_app
from api.serving.state import ApiState

FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium. If it is missing, skip the test, or fail if REQUIRE_CHROMIUM is set."""
    path = shutil.which("chromium")
    if path is None:
        reason = "Chromium is not installed (Debian: chromium)"
        if os.environ.get("REQUIRE_CHROMIUM"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@dataclass
class Visit:
    """A page, its address, and its messages on the console, errors and requests to other hosts."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def open(self, fragment: str = "") -> Page:
        """Load the page and return it."""
        self.page.goto(f"{self.address}/{fragment}")
        return self.page


def visit(state: ApiState, browser: Browser, **options: Any) -> Iterator[Visit]:
    """Serve on a free port of this machine and open a browser tab, with options of its context."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(create_app(state), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    page = browser.new_page(**options)
    seen = Visit(page, address)
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(address) else seen.complaints.append(request.url)
        ),
    )
    try:
        yield seen
    finally:
        page.close()
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #rrggbb colours (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
