"""Tests of the pages in a real browser: no complaints, accessible, by keyboard, without a line."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from ewarn.domain.key import READ_SCOPES
from ewarn.errors import StoreError
from tests.api.browsing import Visit, contrast, visit
from tests.api.pages.failing import make_api_fail
from tests.api.test_partners import LIMITS
from tests.api.world import World

ACTS = READ_SCOPES | {"alerts:act", "subscriptions:write", "deployments:write"}
PATHS = (  # each page, and one that does not exist
    "/",
    "/?where=TGO&as_of=2020-02-20",
    "/regions/TGO",
    "/regions/TG-M",
    "/alerts",
    "/alerts/a1",
    "/response",
    "/response/propose?where=TGO",
    "/response/deployments/d1",
    "/response/add",
    "/response/import",
    "/response/recommendations/r1",
    "/subscriptions",
    "/subscriptions/new",
    "/sources",
    "/models",
    "/rules",
    "/regions/TGO/brief",
    "/report",
    "/problems",
    "/nowhere",
)
ROLES: dict[str, dict[str, Any]] = {
    "reader": {},
    "partner": {"scopes": {"scores:read", "alerts:read"}, "partner": LIMITS},
}
RULE = (
    "- {id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.2, close_below: 0.1}"
)
SERIOUS = ("serious", "critical")
_COLOURS = """() => {
    const style = getComputedStyle(document.documentElement);
    const names = ["--ink", "--soft", "--paper", "--card", "--bad", "--accent"];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name).trim()]));
}"""
_HAS_LINE = "() => fetch('/page/favicon.svg?now').then((answer) => answer.ok, () => false)"
PHONE: ViewportSize = {"width": 360, "height": 740}
EXPECTED = re.compile(r"status of (403|404)")  # the browser itself notes such answers


@pytest.fixture
def desk(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the pages of a demonstration, whose visitor may act."""
    yield from visit(world.state(is_replay=True, page_key=world.key(scopes=ACTS)), browser)


@pytest.fixture
def live(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the pages of a live service."""
    yield from visit(world.state(), browser)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in found
        if each["impact"] in SERIOUS
        for node in each["nodes"]
    ]


def settle(visit_: Visit, path: str) -> Page:
    page = visit_.open(path.removeprefix("/"))
    page.wait_for_load_state("networkidle")
    return page


def keep(visit_: Visit, path: str) -> Page:
    """Open a page so that the worker stores it."""
    page = settle(visit_, path)
    page.evaluate("navigator.serviceWorker.ready")
    page.reload(wait_until="networkidle")
    return page


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_no_fault(desk: Visit, path: str, language: str) -> None:
    desk.page.context.add_cookies(
        [{"name": "ewarn_language", "value": language, "url": desk.address}]
    )
    if language == "fr":  # its words are longer, so it is the one to try on a phone
        desk.page.set_viewport_size(PHONE)
        desk.page.emulate_media(color_scheme="dark")
    page = settle(desk, path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert [each for each in desk.complaints if not EXPECTED.search(each)] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_page_has_no_fault_for_those_who_only_read(
    world: World, browser: Browser, role: str
) -> None:
    key = world.key("TGO", **ROLES[role])
    for desk in visit(world.state(is_replay=True, page_key=key), browser):
        for path in PATHS:
            page = settle(desk, path)
            assert violations(page) == [], path
            assert page.locator("form[method=post]").count() <= 1 + ("rules" in path), path
        assert [each for each in desk.complaints if not EXPECTED.search(each)] == []


def test_signing_in_by_keyboard(world: World, live: Visit) -> None:
    page = live.open("?where=TGO")
    page.get_by_label("Your name").press_sequentially("Ama")
    page.keyboard.press("Tab")
    page.keyboard.type(world.key())
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live.address}/?where=TGO")
    expect(page.locator(".person")).to_contain_text("Ama")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert "ewarn_session" not in page.evaluate("document.cookie")
    assert violations(page) == []


def test_the_map_is_coloured_like_the_table_and_leads_to_a_region(desk: Visit) -> None:
    page = settle(desk, "/?where=TGO")
    path = page.locator('path[data-region="TG-M"]')
    expect(path).to_have_attribute("fill", "url(#map-critical)")
    path.click(force=True)
    expect(page).to_have_url(re.compile("/regions/TG-M"))
    expect(page.locator("h1")).to_contain_text("Maritime")


def test_the_map_zooms_by_keyboard(desk: Visit) -> None:
    page = settle(desk, "/?where=TGO")
    drawing = page.locator(".drawing")
    whole = drawing.get_attribute("viewBox")
    drawing.focus()
    page.keyboard.press("+")
    closer = drawing.get_attribute("viewBox")
    assert closer != whole
    pattern = page.locator("#map-critical").get_attribute("patternTransform")
    page.keyboard.press("ArrowRight")
    assert drawing.get_attribute("viewBox") != closer
    for key in ("-", "-"):
        page.keyboard.press(key)
    assert drawing.get_attribute("viewBox") == whole
    assert page.locator("#map-critical").get_attribute("patternTransform") != pattern


def test_the_charts_are_drawn(desk: Visit) -> None:
    page = settle(desk, "/regions/TG-M")
    expect(page.locator("[data-chart] canvas")).not_to_have_count(0)
    # Nobody points at a week, so the legend tells of the newest one.
    expect(page.locator("[data-chart=probability] .u-legend")).to_contain_text("2 Mar 2020")
    assert desk.complaints == []


def test_a_choice_is_sent_at_once(desk: Visit) -> None:
    page = settle(desk, "/")
    page.get_by_label("Where", exact=True).select_option("TGO")
    expect(page).to_have_url(re.compile("where=TGO"))


def test_on_a_phone_the_filters_are_folded_away(desk: Visit) -> None:
    desk.page.set_viewport_size(PHONE)
    page = settle(desk, "/?where=TGO")
    filters = page.get_by_label("What is shown")
    expect(filters).to_be_hidden()
    expect(page.locator(".fold")).to_contain_text("Togo · lethal force against demonstrators")
    page.get_by_role("checkbox", name="Togo").focus()
    page.keyboard.press("Space")
    expect(filters).to_be_visible()
    expect(page.get_by_role("slider")).to_be_visible()


def test_the_map_names_countries_or_the_regions_of_the_only_one(desk: Visit) -> None:
    page = settle(desk, "/")
    expect(page.locator(".names")).to_contain_text("Togo")
    expect(page.locator(".names")).not_to_contain_text("Maritime")
    page = settle(desk, "/?where=TGO")
    expect(page.locator(".names")).to_contain_text("Maritime")
    expect(page.locator(".names")).not_to_contain_text("Togo")


def test_the_slider_goes_through_history(desk: Visit) -> None:
    page = settle(desk, "/?where=TGO")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("as_of=2020-03-01"))
    expect(page.locator("#regions-title")).to_contain_text("24 February 2020")
    page.get_by_role("link", name="Back to now").click()
    expect(page.locator("#regions-title")).to_contain_text("2 March 2020")


def test_without_a_line_a_page_that_was_read_is_shown_with_its_moment(desk: Visit) -> None:
    page = keep(desk, "/?where=TGO")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#regions")).to_contain_text("Maritime")
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("This page was read on 2 Mar 2020, 12:00 UTC")


def test_without_a_line_a_page_that_was_not_read_leads_to_those_that_were(desk: Visit) -> None:
    page = keep(desk, "/?where=TGO")
    page.context.set_offline(True)
    page.goto(f"{desk.address}/models")
    expect(page.locator("h1")).to_have_text("No connection.")
    expect(page.locator("#stored")).to_contain_text("read on 2 Mar 2020, 12:00 UTC")
    assert violations(page) == []
    page.get_by_role("link", name="Situation Togo").click()
    expect(page.locator("#regions")).to_contain_text("Maritime")
    page.context.set_offline(False)
    page.wait_for_function(_HAS_LINE)  # the worker learns of it a moment after the page
    page.goto(f"{desk.address}/models")
    expect(page.locator("h1")).to_have_text("Models")


def test_a_form_is_not_sent_without_a_line_and_what_was_typed_stays(desk: Visit) -> None:
    page = settle(desk, "/alerts/a1")
    reason = page.get_by_label("What happens next?")
    reason.fill("Two officers call the ministry.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#unsent")).to_be_in_viewport()
    expect(page.locator("#unsent")).to_contain_text("Nothing was sent.")
    expect(reason).to_have_value("Two officers call the ministry.")
    page.context.set_offline(False)
    page.wait_for_function(_HAS_LINE)
    page.get_by_role("button", name="Acknowledge").click()
    expect(page.locator(".timeline")).to_contain_text("Two officers call the ministry.")


def test_a_stored_page_is_shown_when_the_service_fails(
    desk: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = keep(desk, "/?where=TGO")
    make_api_fail(monkeypatch, StoreError("the database is away"))
    page.reload()
    expect(page.locator("#regions")).to_contain_text("Maritime")
    expect(page.locator("#offline")).to_contain_text("This page was read on")
    page.goto(f"{desk.address}/sources")
    expect(page.locator("h1")).to_have_text("The service cannot answer now")


def test_a_page_from_the_store_says_so_though_the_browser_has_a_line(desk: Visit) -> None:
    page = keep(desk, "/regions/TG-M")
    page.context.set_offline(True)
    page.add_init_script("Object.defineProperty(navigator, 'onLine', { value: true })")
    page.reload()
    expect(page.locator("#offline")).to_be_visible()
    expect(page.locator("#offline")).to_contain_text("This page was read on")


def test_a_form_whose_answer_takes_long_says_so_and_is_sent_once(desk: Visit) -> None:
    page = settle(desk, "/rules")
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    button = page.locator("#trial button.main")
    button.click()
    expect(button).to_have_text("Trying … this can take a minute")
    expect(button).to_be_disabled()
    page.evaluate("dispatchEvent(new Event('pageshow'))")  # as after `back`
    expect(button).to_have_text("Try on the past")
    expect(button).to_be_enabled()


def test_the_answer_of_a_trial_is_in_sight_and_there_again_after_back(desk: Visit) -> None:
    page = settle(desk, "/rules")
    page.get_by_label("First day").fill("2020-01-01")
    page.get_by_label("Rules", exact=True).fill(RULE)
    page.get_by_role("button", name="Try on the past").click()
    expect(page.locator("#trial-answer")).to_be_in_viewport()
    expect(page.locator("#trial-answer")).to_contain_text("2 alerts, 1.0 a month")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#trial .item a").last.click()
    expect(page.locator("h1")).to_contain_text("Maritime")
    page.go_back()
    expect(page.locator("#trial-answer")).to_contain_text("2 alerts, 1.0 a month")
    expect(page.get_by_label("Rules", exact=True)).to_have_value(RULE)


def test_a_line_that_is_wrong_is_quoted_as_it_was_typed(desk: Visit) -> None:
    page = desk.open("rules")
    page.locator("#trial-rules").fill("- id: one\n")  # a capital would be another name
    page.get_by_role("button", name="Try on the past").click()
    expect(page.locator("span.wrong code")).to_be_visible()
    assert page.locator("span.wrong code").inner_text() == "- id: one"


def test_a_session_that_ended_is_said_while_the_page_is_open(world: World, live: Visit) -> None:
    page = live.open()
    page.get_by_label("Your name").fill("Ama")
    page.get_by_label("API key").fill(world.key())
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#regions")).to_be_visible()
    page.context.clear_cookies()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()


def test_after_signing_out_a_page_asks_to_sign_in_again(world: World, live: Visit) -> None:
    page = live.open()
    page.get_by_label("Your name").fill("Ama")
    page.get_by_label("API key").fill(world.key())
    page.get_by_role("button", name="Sign in").click()
    page.evaluate("navigator.serviceWorker.ready")
    page.reload(wait_until="networkidle")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{live.address}/sign-in")
    page.goto(f"{live.address}/?where=TGO")
    expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bands_can_be_told_apart_without_colour(desk: Visit, scheme: str) -> None:
    desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page = settle(desk, "/")
    colour = page.evaluate(_COLOURS)
    for words in ("--ink", "--soft", "--bad", "--accent"):
        for ground in ("--paper", "--card"):
            assert contrast(colour[words], colour[ground]) >= 4.5, (words, ground)
    lines = page.locator("pattern[id^=fill-] path").evaluate_all(
        "(all) => all.map((each) => each.getAttribute('d'))"
    )
    assert len(set(lines)) == len(lines) == 7
