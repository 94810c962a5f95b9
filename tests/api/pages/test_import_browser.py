"""Tests of the script that imports a list of recommendations, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.serving.browser_sessions import COOKIE
from ewarn.access.sessions import begin
from ewarn.store.access import sessions
from tests.api.browsing import Visit, visit
from tests.api.world import NOW, World

WRITES = {"deployments:read", "deployments:write"}


@pytest.fixture
def tab(world: World, browser: Browser) -> Iterator[Visit]:
    """A tab of somebody who signed in and may import lists."""
    prefix = world.key("TGO", scopes=WRITES).partition(".")[0]
    session, token = begin(prefix, "Ama", NOW)
    with world.store.write() as connection:
        sessions.add(connection, session)
    for seen in visit(world.state(), browser):
        cookie = {"name": COOKIE, "value": token, "url": seen.address}
        seen.page.context.add_cookies([cookie])  # type: ignore[list-item]
        yield seen


def test_a_script_sends_a_file_and_shows_what_became_of_each_line(
    tab: Visit, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "country,body,text,owner,given_on,colour\n"
        "TGO,upr,Publish the rules.,regional office,2019-11-04,red\n"
        "TGO,upr,<b>Soon</b>.,regional office,soon,\n"
        "GHA,upr,Of another country.,regional office,2019-11-04,\n"
    )
    page = tab.open("response/import")
    page.set_input_files("#file", path)
    page.click("#import button")
    expect(page.locator("#counts")).to_be_visible()
    assert [page.inner_text(f"#{name}") for name in ("added", "amended", "unchanged")] == [
        "1",
        "0",
        "0",
    ]
    assert page.inner_text("#refused") == "2"
    rows = page.locator("#rejected tbody tr").all_inner_texts()
    assert rows[0].startswith("3")
    assert "'soon' is not a day" in rows[0]
    assert "'GHA' is not covered by this key" in rows[1]
    assert "'colour' is not known" in page.inner_text("#warnings")
    assert not tab.complaints
    page.goto(f"{tab.address}/response")
    assert "Publish the rules." in page.inner_text("#recommendations")
    page.click("text=Publish the rules.")
    assert "Ama (a test)" in page.inner_text(".timeline")


def test_a_file_that_cannot_be_read_is_refused_in_words(tab: Visit, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("colour\nred\n")
    page = tab.open("response/import")
    page.set_input_files("#file", path)
    page.click("#import button")
    expect(page.locator("#why")).to_contain_text("country")
    assert page.is_hidden("#counts")
