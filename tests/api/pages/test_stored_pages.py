"""Tests of what a browser still holds when somebody signs out, or somebody else comes to it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ewarn.store.database.engine import Store
from tests.api.browsing import Visit, visit
from tests.api.test_mail_links import Desk
from tests.api.world import World

_STORED = """async () => {
    const store = await caches.open("ewarn-pages");
    return (await store.keys()).map((each) => new URL(each.url).pathname);
}"""
_ADDRESSES = """async () => {
    const store = await caches.open("ewarn-pages");
    return (await store.keys()).map((each) => each.url);
}"""
# An observer keeps a report in the same browser, until there is a line.
_KEEP_A_REPORT = """() => new Promise((resolve) => {
    const asked = indexedDB.open("ewarn-report", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("records", { keyPath: "id" });
    asked.onsuccess = () => { asked.result.close(); resolve(); };
})"""
_DATABASES = "async () => (await indexedDB.databases()).map((each) => each.name)"


@pytest.fixture
def live(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the pages of a live service."""
    yield from visit(world.state(), browser)


def sign_in(visit_: Visit, key: str) -> Page:
    """Sign in, and read the situation of Togo twice, so that it is stored."""
    page = visit_.open("?where=TGO")
    page.get_by_label("Your name").fill("Ama")
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("where=TGO"))
    page.evaluate("navigator.serviceWorker.ready")
    page.reload(wait_until="networkidle")
    assert "/" in page.evaluate(_STORED)
    return page


def test_after_a_session_ended_nothing_is_kept_for_the_next_person(
    world: World, live: Visit
) -> None:
    page = sign_in(live, world.key())
    page.context.clear_cookies()
    page.goto(f"{live.address}/alerts")
    expect(page).to_have_url(re.compile("/sign-in"))
    assert [each for each in page.evaluate(_STORED) if not each.startswith("/page/")] == []


def test_signing_out_deletes_the_pages_and_no_report_that_waits_for_a_line(
    world: World, live: Visit
) -> None:
    page = sign_in(live, world.key())
    page.evaluate(_KEEP_A_REPORT)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{live.address}/sign-in")
    assert [each for each in page.evaluate(_STORED) if not each.startswith("/page/")] == []
    assert page.evaluate(_DATABASES) == ["ewarn-report"]


def test_who_signs_in_finds_nothing_that_another_person_read_meanwhile(
    world: World, live: Visit
) -> None:
    page = sign_in(live, world.key())
    with page.expect_popup() as opened:
        page.evaluate("void window.open('/sign-in')")
    form = opened.value
    expect(form.get_by_label("API key")).to_be_visible()
    page.reload(wait_until="networkidle")  # the session is still there
    assert "/" in page.evaluate(_STORED)
    form.get_by_label("Your name").fill("Kofi")
    form.get_by_label("API key").fill(world.key("BEN"))
    form.get_by_label("API key").press("Enter")
    expect(form.locator(".person")).to_contain_text("Kofi")
    assert "where=TGO" not in "".join(page.evaluate(_ADDRESSES))


def test_the_page_of_a_link_in_a_mail_is_not_stored(store: Store, browser: Browser) -> None:
    desk = Desk(store)
    served = desk.world.state(service=desk.service, rulebooks=lambda: desk.service.rulebook)
    for tab in visit(served, browser):
        page = tab.open("problems")
        page.evaluate("navigator.serviceWorker.register('/worker.js')")
        page.evaluate("navigator.serviceWorker.ready")
        page.reload(wait_until="networkidle")
        assert "/problems" in page.evaluate(_STORED)
        tab.open(desk.link.removeprefix("/"))
        expect(page.locator("button")).to_have_count(1)
        assert [each for each in page.evaluate(_STORED) if "acknowledge" in each] == []
