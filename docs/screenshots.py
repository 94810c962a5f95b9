"""Take the screenshots of docs/images from a running service.

    python docs/screenshots.py http://127.0.0.1:8000 [--region TG-M] [--dark]

Needs Chromium (Debian: chromium) and the development packages.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

IMAGES = Path(__file__).parent / "images"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--no-first-run", "--disable-gpu"]
SIZES = {"desk": (1280, 820), "phone": (390, 800)}


def main() -> None:
    """Open the page in both sizes, with and without a region, and keep what it looks like."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("--region", default="TGO")
    parser.add_argument("--folder", type=Path, default=IMAGES)
    parser.add_argument("--dark", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in SIZES:
            for region in ("", asked.region):
                print(take(browser, asked.address, name, region, asked.folder, dark=asked.dark))
        print(take_brief(browser, asked.address, asked.region, asked.folder))
        browser.close()


def take(
    browser: Browser, address: str, size: str, region: str, folder: Path, *, dark: bool
) -> Path:
    """One screenshot: `page-desk.png`, `region-phone-dark.png` ..."""
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
    )
    page.goto(f"{address.rstrip('/')}/#{region}", wait_until="networkidle")
    page.wait_for_selector("#panel h3" if region else "#table tbody tr")
    name = f"{'region' if region else 'page'}-{size}{'-dark' if dark else ''}.png"
    page.screenshot(path=folder / name)
    page.close()
    return folder / name


def take_brief(browser: Browser, address: str, region: str, folder: Path) -> Path:
    """The country's brief in English, whole: `brief.png`."""
    page = browser.new_page(viewport={"width": 850, "height": 1180})
    where = f"{address.rstrip('/')}/page/brief.html?region={region}&language=en"
    page.goto(where, wait_until="networkidle")
    page.wait_for_selector("main h1")
    page.locator("main").screenshot(path=folder / "brief.png")
    page.close()
    return folder / "brief.png"


if __name__ == "__main__":
    main()
