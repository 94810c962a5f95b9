"""Tests of the page for field reports in a real browser, on a screen of 360 px."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import ReportFacts, ReportWords
from ewarn.pipeline.reports.desk import Officer
from ewarn.pipeline.reports.verify import OpenedReport, listed, read
from ewarn.store.access import keys
from tests.api.browsing import Visit, contrast, visit
from tests.api.world import LICENCE, REPORT, World

PIN = "482 913 fl"
WORDS = "Zyxwina Quorblatt, +228 90 11 22 33, at 6.1319 1.2228"
STORED = """
async () => {
  const database = await new Promise((resolve) => {
    const asked = indexedDB.open("ewarn-report");
    asked.onsuccess = () => resolve(asked.result);
  });
  const rows = await new Promise((resolve) => {
    const asked = database.transaction("records").objectStore("records").getAll();
    asked.onsuccess = () => resolve(asked.result);
  });
  database.close();
  const text = (bytes) => Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join("");
  const files = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) files.push(request.url);
  const shown = rows.map((row) => ({ ...row, data: text(row.data), iv: "", salt: "" }));
  const others = [localStorage, sessionStorage].map((storage) => Object.entries(storage));
  return JSON.stringify([shown, files, ...others]);
}
"""
LEFT = """
async () => [
  (await indexedDB.databases()).length,
  (await caches.keys()).length,
  (await navigator.serviceWorker.getRegistrations()).length,
]
"""


@pytest.fixture
def phone(world: World, browser: Browser) -> Iterator[Visit]:
    """Open a tab of the size of a small phone."""
    size: Any = {"width": 360, "height": 640}
    yield from visit(world.state(), browser, viewport=size, locale="fr-TG")


def begin(world: World, phone: Visit, language: str = "") -> tuple[Page, str]:
    """Open the page and enter a code and a PIN. Return the page and the code."""
    code = world.key("TGO", scopes=("reports:write",))
    page = phone.open("report" + (f"?lang={language}" if language else ""))
    page.fill("#code", code)
    page.fill("#pin", PIN)
    page.fill("#pin-again", PIN)
    page.click("#begin button")
    expect(page.locator("#work")).to_be_visible()
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    return page, code


def unlock(page: Page, pin: str = PIN) -> None:
    """Enter the PIN."""
    page.fill("#pin-open", pin)
    page.click("#locked button")


def write(page: Page) -> None:
    """Write a report and tap the button."""
    page.select_option("#kind", "arrest")
    page.select_option("#region", "TG-M")
    page.select_option("#week", index=1)
    page.fill("[name=arrests]", "4")
    page.fill("#text", WORDS)
    page.click("#report button")


def received(world: World) -> list[OpenedReport]:
    """The reports that the service has, with their texts, without that of the world."""
    service, office = world.service(), Officer("an officer", (), (LICENCE,))
    found = listed(service, office, [], limit=9)
    ids = [each.report.id for each in found if each.report.id != REPORT]
    return [read(service, office, id_, world.clock.now) for id_ in ids]


def test_without_a_line_it_is_kept_encrypted_and_sent_once_when_the_line_is_back(
    world: World, phone: Visit
) -> None:
    page, code = begin(world, phone)
    expect(page.locator("h1")).to_have_text("Signaler ce que vous avez vu")
    page.context.set_offline(True)
    page.reload()  # the page itself opens without a line
    unlock(page)
    write(page)
    expect(page.locator("#waiting")).to_have_text(
        "1 signalement est gardé sur ce téléphone, pas encore envoyé."
    )
    expect(page.locator("#text")).to_have_value("")
    assert received(world) == []
    stored = page.evaluate(STORED)
    rows, files, *others = json.loads(stored)
    assert (len(rows), others) == (2, [[], []])
    assert {len(row["data"]) for row in rows} == {4096 + 16}  # padded: sizes reveal nothing
    assert not [file for file in files if "/v1/" in file]
    for part in ("Zyxwina", "Quorblatt", "90 11", "6.1319", "arrest", "TG-M", code[3:], PIN):
        assert part not in stored, part
    page.context.set_offline(False)
    # A phone says that the line is back; the emulation does not after a page was opened offline.
    page.evaluate("() => { dispatchEvent(new Event('online')); }")
    expect(page.locator("#codes li")).to_have_count(1)
    expect(page.locator("#outbox")).to_be_hidden()
    (report,) = received(world)
    assert (report.words, report.facts) == (
        ReportWords(WORDS, "a test"),
        ReportFacts(EventKind.ARREST, date(2020, 2, 24), "TGO", "TG-M", arrests=4),
    )
    assert len(json.loads(page.evaluate(STORED))[0]) == 1  # the report is gone from the phone
    receipt = page.locator("#codes li").inner_text()
    page.click("#seen")
    assert receipt not in page.content()
    page.click("summary >> nth=0")
    page.fill("#receipt", receipt)
    page.click("#ask button")
    expect(page.locator("#answer")).to_have_text(
        "Le bureau l'a reçu. Personne ne s'est encore prononcé."
    )
    assert code not in page.url
    assert set(phone.complaints) == {"Failed to load resource: net::ERR_INTERNET_DISCONNECTED"}


def test_an_answer_that_is_lost_doubles_nothing(world: World, phone: Visit) -> None:
    page, _ = begin(world, phone, "en")
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/v1/reports", lose)
    write(page)
    expect(page.locator("#trouble")).to_contain_text("no line just now")
    assert lost == [201]
    page.unroute("**/v1/reports")
    page.click("#send")
    expect(page.locator("#codes li")).to_have_count(1)
    assert len(received(world)) == 1


def test_one_tap_erases_everything_also_while_it_is_locked(world: World, phone: Visit) -> None:
    page, _ = begin(world, phone, "en")
    page.context.set_offline(True)
    write(page)
    expect(page.locator("#outbox")).to_be_visible()
    page.reload()
    expect(page.locator("#locked")).to_be_visible()
    page.click("#erase")
    expect(page.locator("#erased[data-done]")).to_be_visible()
    assert page.evaluate(LEFT) == [0, 0, 0]
    expect(page.locator("header")).to_be_hidden()
    with pytest.raises(Exception, match="erased"):  # what was still running stores nothing
        page.evaluate(
            "async () => (await import('/page/report_vault.js')).create('another one', {})"
        )
    assert page.evaluate(LEFT) == [0, 0, 0]
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.context.set_offline(False)
    expect(phone.open("report").locator("#begin")).to_be_visible()


def test_a_new_code_takes_the_place_of_one_that_expired(world: World, phone: Visit) -> None:
    page, code = begin(world, phone, "en")
    with world.store.write() as connection:
        assert keys.revoke(connection, code.partition(".")[0], world.clock.now)
    write(page)
    expect(page.locator("#trouble")).to_contain_text("does not know this code")
    page.click("summary >> text=new code")
    page.fill("#new-code", code)
    page.click("#renew button")
    expect(page.locator("#renew .wrong")).to_contain_text("no longer valid")
    page.fill("#new-code", world.key("TGO", scopes=("reports:write",)))
    page.click("#renew button")
    expect(page.locator("#codes li")).to_have_count(1)
    assert len(received(world)) == 1


def test_it_says_what_is_wrong_and_fits_the_screen(world: World, phone: Visit) -> None:
    page = phone.open("report?lang=fr")
    page.fill("#code", "ew0000.wrong")
    page.fill("#pin", PIN)
    page.fill("#pin-again", "another one")
    page.click("#begin button")
    expect(page.locator("#begin .wrong")).to_contain_text("différents")
    page.fill("#pin-again", PIN)
    page.click("#begin button")
    expect(page.locator("#begin .wrong")).to_contain_text("Le bureau ne connaît pas ce code")
    assert page.evaluate(LEFT) == [0, 0, 0]  # nothing is stored before it works
    for language in ("fr", "en"):
        page, _ = begin(world, phone, language) if language == "fr" else (page, "")
        page.goto(f"{phone.address}/report?lang={language}")
        unlock(page, "not the PIN")
        expect(page.locator("#locked .wrong")).not_to_be_empty()
        unlock(page)
        expect(page.locator("#work")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") == 360
        assert page.locator("html").get_attribute("lang") == language
    page.select_option("#kind", "force")
    page.evaluate("() => { document.getElementById('week').options[0].value = '2031-01-06'; }")
    page.select_option("#region", "TGO")
    page.click("#report button")
    expect(page.locator("#trouble")).to_contain_text("cannot accept a report as it is written")
    page.click("#discard")
    expect(page.locator("#outbox")).to_be_hidden()
    assert received(world) == []


def test_words_stand_out_from_their_ground(phone: Visit) -> None:
    """WCAG 2.2 AA asks for a contrast of 4.5 to 1 between text and each of its backgrounds."""
    page = phone.open("report")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        colours = page.evaluate(
            """() => Object.fromEntries(['paper', 'card', 'warn', 'good', 'ink', 'soft', 'accent',
            'bad', 'on-accent', 'on-bad'].map(name => [name, getComputedStyle(
            document.documentElement).getPropertyValue('--' + name).trim()]))"""
        )
        pairs = [("on-accent", "accent"), ("on-bad", "bad"), ("accent", "paper"), ("bad", "card")]
        pairs += [(words, each) for words in ("ink", "soft") for each in ("paper", "card", "warn")]
        for words, ground in [*pairs, ("ink", "good")]:
            assert contrast(colours[words], colours[ground]) >= 4.5, (scheme, words, ground)


def test_while_reports_are_not_accepted_the_page_says_so_and_has_no_form(
    world: World, browser: Browser
) -> None:
    closed = world.state(service=replace(world.service(), sealer=None))
    for tab in visit(closed, browser):
        page = tab.open("report?lang=en")
        expect(page.locator("h2")).to_have_text("Reports are not accepted here")
        assert page.locator("form, input, script").count() == 0
