"""Tests of the page at / in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from ewarn.domain.score import Score
from ewarn.domain.target import Band, Basis, Target
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.api.browsing import Visit, contrast, visit
from tests.api.world import NOW, World


@pytest.fixture
def replay(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the page of a demonstration."""
    yield from visit(world.state(is_replay=True, page_key=world.key()), browser)


@pytest.fixture
def live(world: World, browser: Browser) -> Iterator[Visit]:
    """Open the page of a live service."""
    yield from visit(world.state(), browser)


def test_it_loads_without_a_complaint_and_asks_nobody_else(replay: Visit) -> None:
    page = replay.open()
    for region in ("Centre", "Maritime", "Plateaux", "Savanes", "Kara"):
        expect(page.locator("#table").get_by_role("link", name=region, exact=True)).to_be_visible()
    expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("illustration", ignore_case=True)
    expect(page.locator("#state")).to_contain_text("Replay as of 2 March 2020")
    expect(page.locator("#map-drawing path.region")).not_to_have_count(0)
    assert replay.complaints == []


def test_the_list_says_of_which_day_its_scores_are(world: World, replay: Visit) -> None:
    page = replay.open()
    expect(page.locator("#scored")).to_have_text("Scores of 2 March 2020")
    expect(page.locator("#notice")).not_to_contain_text("nothing has been scored since")


def test_old_scores_are_warned_of(world: World, replay: Visit) -> None:
    world.clock.now = NOW + timedelta(days=30)
    page = replay.open()
    expect(page.locator("#scored")).to_have_text("Scores of 2 March 2020")
    expect(page.locator("#notice")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("newest scores are of 2020-03-02")


def test_a_reconstructed_score_says_so_in_its_panel(world: World, replay: Visit) -> None:
    late = NOW + timedelta(days=30)
    again = [replace(item, recorded_at=late, completeness=0.5) for item in newest(world)]
    world.add_scores(again, at=late)
    world.clock.now = late
    page = replay.open("#TG-M")
    expect(page.locator("#panel .footing")).to_contain_text("reconstructed on 2020-04-01")


def test_an_illustration_claims_no_share_of_observed_weeks(world: World, replay: Visit) -> None:
    page = replay.open()
    row = page.get_by_role("row", name="Maritime")
    expect(row.locator("td").last).to_have_text("compiled by hand")
    row.click()
    expect(page.locator("#panel .summary")).to_contain_text("compiled by hand")
    expect(page.locator("#panel")).to_contain_text(
        "known only to a span over several weeks are not shown"
    )


def test_a_measured_source_shows_its_share_of_observed_weeks(world: World, replay: Visit) -> None:
    measured = [replace(item, basis=Basis.CALIBRATED, recorded_at=NOW) for item in newest(world)]
    world.add_scores(measured)
    page = replay.open()
    expect(page.get_by_role("row", name="Maritime").locator("td").last).to_have_text("100%")


def test_an_interim_score_says_so_in_its_row_and_panel(world: World, replay: Visit) -> None:
    interim = [replace(item, interim=True, as_of=NOW, recorded_at=NOW) for item in newest(world)]
    world.add_scores(
        [
            replace(item, probability=0.5, high=0.6) if item.region == "TG-M" else item
            for item in interim
        ]
    )
    page = replay.open()
    row = page.get_by_role("row", name="Maritime")
    expect(row).to_contain_text("week so far")
    row.click()
    expect(page.locator("#panel .footing")).to_contain_text("the week that is not over yet")
    expect(page.locator("#panel .summary")).to_contain_text("Since Monday")
    chart = page.locator("#panel .line-chart")
    expect(chart).to_have_attribute("aria-label", re.compile(r"now 50%$"))


def test_a_quiet_region_is_compared_with_the_others(world: World, replay: Visit) -> None:
    # A new run that changes only the comparison of a score leaves that score as it was.
    world.add_scores(
        [
            replace(item, relative_risk=3.46, probability=0.21) if item.region == "TG-M" else item
            for item in newest(world)
        ]
    )
    page = replay.open("#TG-M")
    compared = "Quiet for half a year3.5 × the mean of such regions"
    expect(page.locator("#panel .summary")).to_contain_text(compared)
    page.get_by_role("button", name="All regions").click()
    page.get_by_role("row", name="Kara").click()
    expect(page.locator("#panel h2")).to_contain_text("TG-K")
    expect(page.locator("#panel .summary")).not_to_contain_text("the mean of such regions")


def test_killings_are_not_offered_where_nobody_scores_them(replay: Visit) -> None:
    page = replay.open()
    expect(page.get_by_role("row", name="Maritime")).to_be_visible()
    expect(page.get_by_role("radio", name="killing by a state")).to_be_hidden()


def test_killings_are_offered_where_they_are_scored(world: World, replay: Visit) -> None:
    late = NOW + timedelta(hours=1)
    told = [
        replace(item, target=Target.KILLINGS) for item in newest(world) if item.target == "force"
    ]
    world.add_scores(told, at=late)
    world.clock.now = late
    page = replay.open()
    page.get_by_text("killing by a state").click()
    expect(page.locator("#question")).to_contain_text("killing of civilians by forces of a state")
    expect(page.get_by_role("row", name="Maritime")).to_be_visible()
    assert replay.complaints == []


def newest(world: World) -> list[Score]:
    """Return the newest scores of the world."""
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        return scores.in_runs(connection, runs, scores.ScoreFilter())


def test_a_click_opens_a_region_and_back_leads_to_all(replay: Visit) -> None:
    page = replay.open()
    page.get_by_role("row", name="Maritime").click()
    panel = page.locator("#panel")
    expect(panel.get_by_role("heading", name="Maritime, Togo")).to_be_visible()
    assert page.url.endswith("#TG-M")
    expect(panel.get_by_text("An invented protest").first).to_be_visible()
    expect(panel.locator(".line-chart")).to_be_visible()
    expect(panel.locator("figure")).not_to_have_count(0)
    page.go_back()
    expect(page.get_by_role("row", name="Maritime")).to_be_visible()
    assert replay.complaints == []


def test_enter_opens_a_region_from_the_table_and_from_the_map(replay: Visit) -> None:
    page = replay.open()
    page.get_by_role("link", name="Savanes", exact=True).focus()
    page.keyboard.press("Enter")
    heading = page.locator("#panel h2")
    expect(heading).to_contain_text("Savanes")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.get_by_role("link", name="Savanes", exact=True)).to_be_focused()
    page.locator('#map-drawing path[tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    chosen = page.evaluate("document.activeElement.dataset.region")
    page.keyboard.press("Enter")
    expect(heading).to_contain_text(chosen)


def test_the_panel_of_a_country_tells_of_its_alerts(replay: Visit) -> None:
    page = replay.open("#TGO")
    panel = page.locator("#panel")
    expect(panel.get_by_text("38% is critical")).to_be_visible()
    expect(panel.get_by_text("9 Dec 2019 to 6 Jan 2020")).to_be_visible()


def test_a_region_leads_to_the_brief_of_its_country(replay: Visit) -> None:
    page = replay.open("#TG-M")
    expect(page.locator("#panel .deployments")).to_contain_text("proposed 2 × officer")
    page.get_by_role("link", name="Country brief to print").click()
    expect(page.locator("h1")).to_contain_text("Togo")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_text("An invented recommendation.")).to_be_visible()
    expect(page.locator("path.region")).to_have_count(5)
    colours = page.evaluate(
        """() => ['ink', 'soft', 'accent', 'late'].map(name =>
        getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim())"""
    )
    assert all(contrast(colour, "#ffffff") >= 4.5 for colour in colours)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
    assert sheets == 1
    assert replay.complaints == []


def test_a_brief_that_cannot_be_had_says_so(live: Visit) -> None:
    page = live.open("page/brief.html?region=TGO")
    expect(page.get_by_text("The request carries no API key.")).to_be_visible()


def test_weeks_nobody_observed_are_hatched(replay: Visit) -> None:
    page = replay.open("#BEN")
    expect(page.locator("#panel rect.gap")).not_to_have_count(0)
    expect(page.locator("#panel").get_by_text("they are not zero")).to_be_visible()


def test_sorting_by_a_column(replay: Visit) -> None:
    page = replay.open()
    page.get_by_role("button", name="Region").click()
    names = page.locator("#table .name").all_inner_texts()
    assert names == sorted(names, key=str.casefold) or names[0] < names[-1]
    expect(page.locator("th[aria-sort='ascending']")).to_contain_text("Region")


def test_a_long_table_begins_with_its_first_rows(replay: Visit) -> None:
    page = replay.open()
    rows = page.locator("#table tbody tr")
    expect(rows).to_have_count(50)
    button = page.locator("#all")
    expect(button).to_have_text("Show all 72")
    button.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(72)
    expect(button).to_be_focused()
    expect(button).to_have_text("Show the first 50 only")
    page.get_by_label("country", exact=True).check(force=True)
    expect(rows).to_have_count(4)
    expect(button).to_be_hidden()
    assert replay.complaints == []


def test_as_of_a_past_day_everything_is_asked_again(replay: Visit) -> None:
    page = replay.open()
    cell = page.get_by_role("row", name="Centre Togo").locator("td").nth(1)
    before = cell.inner_text()
    page.fill("#as-of", "2019-12-20")
    expect(page.locator("#state")).to_contain_text("as known on 20 December 2019")
    expect(cell).not_to_have_text(before)
    page.get_by_role("button", name="Back to now").click()
    expect(cell).to_have_text(before)


@pytest.mark.parametrize("day", ["2019-01-01", "2031-01-01"])
def test_a_day_without_scores_is_refused_in_plain_words(replay: Visit, day: str) -> None:
    page = replay.open()
    expect(page.locator("#as-of")).to_have_attribute("min", "2019-12-02")
    expect(page.locator("#as-of")).to_have_attribute("max", "2020-03-02")
    page.fill("#as-of", day)
    wrong = page.locator("#as-of-wrong")
    expect(wrong).to_contain_text("Choose a day from 2 December 2019 up to 2 March 2020")
    expect(page.get_by_role("row", name="Maritime")).to_be_visible()
    page.fill("#as-of", "2019-12-20")
    expect(wrong).to_be_hidden()
    expect(page.locator("#state")).to_contain_text("as known on 20 December 2019")


def test_the_first_day_that_can_be_asked_for_shows_the_scores_of_its_morning(
    replay: Visit,
) -> None:
    page = replay.open()
    page.fill("#as-of", "2019-12-02")
    expect(page.locator("#scored")).to_contain_text("2 December 2019")


def test_a_live_service_asks_for_a_key_and_keeps_it_in_the_tab(world: World, live: Visit) -> None:
    page = live.open()
    page.get_by_label("API key").fill("wrong.key")
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#key-wrong")).to_contain_text("unknown, expired or revoked")
    page.get_by_label("API key").fill(world.key("TGO"))
    page.get_by_role("button", name="Open").click()
    expect(page.locator("#table").get_by_role("link", name="Maritime")).to_be_visible()
    page.reload()
    expect(page.locator("#table tbody tr")).to_have_count(5)
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""


def test_an_uncalibrated_service_claims_no_probability(world: World, replay: Visit) -> None:
    bare = [
        replace(
            item,
            basis=Basis.UNCALIBRATED,
            band=Band.UNCALIBRATED,
            probability=None,
            low=None,
            high=None,
            recorded_at=NOW,
        )
        for item in newest(world)
    ]
    world.add_scores(bare)
    page = replay.open()
    expect(page.locator("#table thead")).to_contain_text("Expected")
    expect(page.locator("#table thead")).not_to_contain_text("Probability")
    expect(page.locator("#notice")).to_contain_text("uncalibrated", ignore_case=True)
    page.get_by_role("row", name="Maritime").click()
    expect(page.locator("#panel .summary")).to_contain_text("Bound")
    expect(page.locator("#panel .summary")).not_to_contain_text("Probability")


def test_when_the_service_fails_it_says_what_to_do(replay: Visit) -> None:
    replay.page.route("**/v1/scores?*", lambda route: route.abort())
    page = replay.open()
    expect(page.locator("#failed")).to_contain_text("cannot be reached")
    replay.page.unroute("**/v1/scores?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("row", name="Maritime")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(replay: Visit, scheme: str) -> None:
    """WCAG 2.2 AA asks for a contrast of 4.5 to 1 between text and each of its backgrounds."""
    replay.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page = replay.open()
    colours = page.evaluate(
        """() => Object.fromEntries(['paper', 'card', 'warn', 'ink', 'soft', 'accent', 'bad',
        'on-accent'].map(name => [name, getComputedStyle(document.documentElement)
        .getPropertyValue('--' + name).trim()]))"""
    )
    for words in ("ink", "soft", "accent", "bad"):
        for ground in ("paper", "card"):
            assert contrast(colours[words], colours[ground]) >= 4.5, (words, ground)
    assert contrast(colours["ink"], colours["warn"]) >= 4.5
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


def test_a_phone_needs_no_sideways_scrolling(replay: Visit) -> None:
    replay.page.set_viewport_size({"width": 390, "height": 800})
    page = replay.open("#TGO")
    expect(page.locator("#panel h3").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
