"""Take the screenshots of docs/images from a running demonstration.

    python docs/screenshots.py http://127.0.0.1:8000

Needs Chromium (Debian: chromium) and the development packages. The visitor of a demonstration is
signed in by itself.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, ViewportSize, sync_playwright

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu"]
DESK: ViewportSize = {"width": 1280, "height": 860}
TALL: ViewportSize = {"width": 1280, "height": 1170}  # for the first picture of the README
PHONE: ViewportSize = {"width": 360, "height": 740}
WEEK = "as_of=2017-08-25"  # the week after the deaths of 19 August 2017
PAGES = {
    "situation": f"/?where=TGO&{WEEK}",
    "region": f"/regions/TGO?{WEEK}",
    "alerts": f"/alerts?where=TGO&{WEEK}",
    "response": "/response?where=TGO",
    "subscriptions": "/subscriptions",
    "sources": "/sources",
    "models": "/models",
    "rules": "/rules",
    "report": "/report",
}


def main() -> None:
    """Take each page at a desk, the situation and a region on a phone, too, and the brief."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--folder", type=Path, default=IMAGES)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    address = asked.address.rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name, path in PAGES.items():
            size = TALL if name == "situation" else DESK
            print(take(browser, address + path, asked.folder / f"{name}.png", size))
        for name in ("situation", "region"):
            print(take(browser, address + PAGES[name], asked.folder / f"{name}-phone.png", PHONE))
        brief = f"{address}/regions/TGO/brief?{WEEK}"
        print(take(browser, brief, asked.folder / "brief.png", {"width": 850, "height": 1180}))
        browser.close()


def take(browser: Browser, address: str, file: Path, size: ViewportSize) -> Path:
    """Take one screenshot, in the light colours and in English."""
    page = browser.new_page(viewport=size, color_scheme="light", locale="en-GB")
    page.goto(address, wait_until="networkidle")
    page.screenshot(path=file)
    page.close()
    return file


if __name__ == "__main__":
    main()
