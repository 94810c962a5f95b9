"""Tests that a person without a mouse reaches what matters, by Tab, letters and Enter alone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ewarn.store.alerts import alerts
from ewarn.store.delivery import subscriptions
from tests.api.browsing import Visit, visit
from tests.api.pages.test_browser import ACTS
from tests.api.subscribed import CODE, subscribe
from tests.api.world import World

MOST_STEPS = 120
_NAME = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels.length ? at.labels[0].textContent : "";
    return (at.ariaLabel || label || at.textContent || "").trim().replace(/\\s+/g, " ");
}"""


@pytest.fixture
def desk(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the pages of a demonstration whose visitor may act and has two subscriptions."""
    key = world.key(scopes=ACTS)
    subscribe(world, key.partition(".")[0])
    yield from visit(world.state(is_replay=True, page_key=key), browser)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has a name is focused, and check that the focus can be seen."""
    seen = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_NAME))
        if seen[-1].startswith(name):
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"nobody sees that {name!r} is focused"
            return
    pytest.fail(f"{name!r} is not reached; reached were {seen}")


def test_from_the_situation_to_an_acknowledged_alert(world: World, desk: Visit) -> None:
    page = desk.open()
    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, "Togo")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Togo")
    tab_to(page, "What happens next?")
    page.keyboard.type("We call the country team.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".notice.done")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("We call the country team.")
    with world.store.read() as connection:
        found = {each.acknowledged_by for each in alerts.standing(connection)}
    assert "Visitor (a test)" in found
    assert desk.complaints == []


def test_from_the_situation_to_a_verified_subscription(world: World, desk: Visit) -> None:
    page = desk.open()
    tab_to(page, "Subscriptions")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Subscriptions")
    tab_to(page, "https://example.org")  # the one that is not verified yet is the first
    page.keyboard.press("Enter")
    expect(page.get_by_label("The code that was sent to the address")).to_be_visible()
    tab_to(page, "The code that was sent to the address")
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect(page.locator(".notice.done")).to_contain_text("The address is verified")
    with world.store.read() as connection:
        found = subscriptions.find(connection, "sub2")
    assert found is not None
    assert found.verified_at is not None
    assert desk.complaints == []
