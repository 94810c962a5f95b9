"""Tests of the inbox of alerts: who has to act, who acts, what stands, and what is closed."""

from datetime import date, timedelta

import pytest

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.key import PARTNER_SCOPES, PartnerLimits
from ewarn.domain.target import Band
from ewarn.domain.time import WEEK
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import words
from tests.api.world import LAST_ORIGIN, NOW, World, alert

HOUR = timedelta(hours=1)


def opened(world: World, id_: str, **others: object) -> None:
    """Store an alert that opened a day ago."""
    made = alert(id=id_, opened_on=LAST_ORIGIN, last_origin=LAST_ORIGIN, **others)
    world.change(made, ChangeKind.OPENED, NOW - HOUR, "an invented reason")


def in_order(text: str, *parts: str) -> bool:
    """Return whether a text has these parts, one after the other."""
    for part in parts:
        _, found, text = text.partition(part)
        if not found:
            return False
    return True


def test_an_open_alert_needs_somebody(visitor: Visitor) -> None:
    text = words(visitor().get("/alerts"))
    assert in_order(text, "Needs somebody 1", "critical", "Togo", "38%", "open for 42 days")
    assert "lethal force against demonstrators" in text
    assert "since 20 Jan 2020" in text
    assert "Somebody acts" not in text


def test_the_most_serious_and_then_the_newest_come_first(world: World, visitor: Visitor) -> None:
    opened(world, "b1", region="TG-K", band=Band.HIGH)
    opened(world, "b2", region="TG-M", band=Band.CRITICAL)
    opened(world, "b3", region="TG-C", band=Band.GUARDED, probability=0.9)
    page = visitor().get("/alerts").text
    assert in_order(page, "/alerts/b2", "/alerts/a1", "/alerts/b1", "/alerts/b3")


def test_who_acts_is_shown_apart(world: World, visitor: Visitor) -> None:
    opened(world, "b1", region="TG-M", state=AlertState.ACKNOWLEDGED, acknowledged_by="Kofi (Lomé)")
    text = words(visitor().get("/alerts"))
    assert in_order(text, "Needs somebody 1", "Somebody acts 1", "Maritime", "by Kofi (Lomé)")


def test_standing_situations_and_stopped_data_are_marked(world: World, visitor: Visitor) -> None:
    opened(world, "b1", region="TG-M", situation=True)
    opened(world, "b2", region="TG-K", stale=True)
    text = words(visitor().get("/alerts"))
    assert in_order(text, "Needs somebody 2", "data stopped", "1 standing situation", "Maritime")


def test_closed_alerts_are_behind_a_filter(visitor: Visitor) -> None:
    person = visitor()
    assert "/alerts/a0" not in person.get("/alerts").text
    page = person.get("/alerts?state=closed")
    assert "/alerts/a0" in page.text
    assert "/alerts/a1" not in page.text
    assert "closed on 6 Jan 2020" in words(page)


def test_closed_alerts_come_in_pages(world: World, visitor: Visitor) -> None:
    for number in range(60):
        opened(world, f"c{number}", region="TG-M", state=AlertState.CLOSED, closed_on=LAST_ORIGIN)
    person = visitor()
    first = person.get("/alerts?state=closed&where=TGO")
    assert first.text.count('href="/alerts/c') == 50
    following = first.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = person.get(following.replace("&amp;", "&"))
    assert second.text.count('href="/alerts/c') == 10
    assert "/alerts/a0" in second.text
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("where=TGO", True),
        ("where=GHA", False),
        ("target=force", True),
        ("target=escalation", False),
        ("level=country", True),
        ("level=admin1", False),
        ("rule=force-country", True),
        ("rule=force-admin1", False),
        ("state=open", True),
        ("state=acknowledged", False),
        ("as_of=2020-01-25", True),
        ("as_of=2020-01-15", False),
    ],
)
def test_each_filter_chooses(visitor: Visitor, asked: str, *, shown: bool) -> None:
    page = visitor().get(f"/alerts?{asked}")
    assert page.status_code == 200
    assert ("/alerts/a1" in page.text) == shown


def test_a_past_day_shows_what_was_known_then(visitor: Visitor) -> None:
    text = words(visitor().get("/alerts?as_of=2020-01-25"))
    assert in_order(text, "high", "Togo", "21%")
    assert "38%" not in text


@pytest.mark.parametrize("asked", ["state=asleep", "target=joy", "level=village", "as_of=soon"])
def test_a_wrong_filter_is_refused_in_words(visitor: Visitor, asked: str) -> None:
    page = visitor().get(f"/alerts?{asked}")
    assert page.status_code == 422
    assert asked.partition("=")[2] in words(page)


def test_an_empty_list_is_not_called_calm(world: World, visitor: Visitor) -> None:
    text = words(visitor("GHA").get("/alerts"))
    assert "There is no alert for this choice" in text
    assert "Silence is not calm" in text


def test_sources_with_problems_are_named_also_above_an_empty_list(
    world: World, visitor: Visitor
) -> None:
    world.clock.now = NOW + 10 * WEEK
    assert "is silent" not in words(visitor("GHA").get("/alerts?as_of=2020-03-01"))
    english = words(visitor("GHA").get("/alerts"))
    assert in_order(english, "invented is silent (nothing since", "There is no alert")
    french = words(visitor("GHA", language="fr").get("/alerts"))
    assert "is silent" not in french
    assert "invented" in french


def test_only_the_part_that_changes_is_fetched_again(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/alerts?where=TGO")
    assert 'data-fresh="/alerts?where=TGO&amp;part=fresh"' in page.text
    part = person.get("/alerts?where=TGO&part=fresh")
    assert "<html" not in part.text
    assert part.text.strip() in page.text


def test_another_country_sees_nothing_of_it(visitor: Visitor) -> None:
    page = visitor("GHA").get("/alerts")
    assert "/alerts/a1" not in page.text
    assert "Togo" not in page.text
    assert visitor("GHA").get("/alerts?where=TGO").status_code == 404


def test_a_partner_reads_the_alerts_of_its_days(visitor: Visitor) -> None:
    limits = PartnerLimits((), date(2020, 1, 1), date(2020, 1, 31))
    page = visitor("TGO", scopes=PARTNER_SCOPES, partner=limits).get("/alerts")
    assert page.status_code == 200
    assert in_order(words(page), "high", "Togo", "21%")


def test_a_key_without_the_scope_is_told_so(visitor: Visitor) -> None:
    page = visitor(scopes=frozenset({"scores:read"})).get("/alerts")
    assert page.status_code == 403
    assert "alerts:read" in words(page)


def test_hostile_text_stays_text(world: World, visitor: Visitor) -> None:
    opened(
        world,
        "b1",
        region="TG-M",
        state=AlertState.ACKNOWLEDGED,
        acknowledged_by="<script>alert(1)</script>",
    )
    page = visitor().get("/alerts")
    assert "<script>alert(1)" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
