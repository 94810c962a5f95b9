"""Tests of the page of a region: its score, why, what happened, and what was not observed."""

from dataclasses import replace
from datetime import timedelta

import orjson

from tests.api.pages.conftest import Visitor
from tests.api.pages.person import words
from tests.api.pages.test_situation import newest
from tests.api.world import CLOSED_TERMS, NOW, SOURCE, World


def test_it_shows_the_score_its_interval_and_why(visitor: Visitor) -> None:
    page = words(visitor().get("/regions/TG-M"))
    assert page.startswith('id="content" tabindex="-1"> ← Situation Maritime, Togo TG-M')
    assert "critical · 22% (13%–34%)" in page
    assert "Why" in page
    assert "since" in page.partition("Why")[2].partition("Alerts")[0]


def test_any_code_or_name_leads_to_it(visitor: Visitor) -> None:
    person = visitor()
    for code in ("tg-m", "Maritime"):
        assert "Maritime, Togo" in words(person.get(f"/regions/{code}"))


def test_the_numbers_of_the_charts_are_in_the_page(visitor: Visitor) -> None:
    text = visitor().get("/regions/TG-M").text
    script = text.partition('data-chart="probability"')[2].partition('json">')[2]
    data = orjson.loads(script.partition("</script>")[0])
    assert len(data["days"]) == len(data["low"]) == len(data["middle"]) == len(data["high"]) > 5
    assert data["days"] == sorted(data["days"])
    assert all(
        low <= middle <= high
        for low, middle, high in zip(data["low"], data["middle"], data["high"], strict=True)
    )
    assert [each["name"] for each in data["cuts"]] == ["guarded", "elevated", "high", "critical"]


def test_weeks_without_observation_are_not_drawn_as_calm(visitor: Visitor) -> None:
    page = visitor().get("/regions/BEN")
    assert 'class="gap"' in page.text
    assert "weeks were not observed, the last of" in words(page)
    togo = visitor().get("/regions/TG-M")
    assert "not observed, the last of" not in words(togo)


def test_a_country_lists_its_subdivisions_and_a_region_what_is_around_it(visitor: Visitor) -> None:
    person = visitor()
    country = words(person.get("/regions/TGO")).partition("Subdivisions")[2]
    assert all(name in country for name in ("Maritime", "Plateaux", "Centre", "Kara", "Savanes"))
    around = words(person.get("/regions/TG-M")).partition("Around it")[2].partition("Events")[0]
    assert "Plateaux" in around
    assert "Savanes" not in around


def test_a_probability_is_rounded_once_as_in_a_message(world: World, visitor: Visitor) -> None:
    again = [replace(each, probability=0.24502, recorded_at=NOW) for each in newest(world)]
    world.add_scores(again, at=NOW + timedelta(minutes=1))
    world.clock.now = NOW + timedelta(minutes=2)
    assert "critical · 25% (" in words(visitor().get("/regions/TG-M"))


def test_a_reconstructed_score_says_so(world: World, visitor: Visitor) -> None:
    late = NOW + timedelta(days=30)
    again = [replace(each, recorded_at=late, completeness=0.5) for each in newest(world)]
    world.add_scores(again, at=late)
    world.clock.now = late
    page = words(visitor(scopes={"scores:read", "events:read"}).get("/regions/TG-M"))
    assert "reconstructed on" in page


def test_a_past_day_shows_what_was_known_then(visitor: Visitor) -> None:
    person = visitor()
    before = words(person.get("/regions/TG-M?as_of=2020-01-10"))
    assert "Scored 6 Jan 2020" in before
    assert (
        "/v1/scores/history?region=TG-M&amp;target=force&amp;as_of=2020-01-10"
        in person.get("/regions/TG-M?as_of=2020-01-10").text
    )


def test_what_the_key_does_not_cover_is_not_there(visitor: Visitor) -> None:
    page = visitor("BEN").get("/regions/TG-M")
    assert page.status_code == 404
    assert "Togo" not in words(page)


def test_without_the_scope_for_events_the_score_is_still_there(visitor: Visitor) -> None:
    page = words(visitor(scopes={"scores:read"}).get("/regions/TG-M"))
    assert "critical · 22%" in page
    assert "Your key may not read the brief of this country." in page
    assert "No source observes this region." not in page


def test_a_closed_source_shows_nothing_to_others(world: World, visitor: Visitor) -> None:
    world.terms[SOURCE] = replace(CLOSED_TERMS, readers="closed")
    page = words(visitor().get("/regions/TG-M"))
    assert "22%" not in page


def test_it_leads_to_the_brief_in_the_readers_language(visitor: Visitor) -> None:
    page = visitor(language="fr").get("/regions/TGO/brief")
    assert page.url.path == "/v1/regions/TGO/brief"
    assert '<html lang="fr"' in page.text


def test_a_hostile_summary_is_text(world: World, visitor: Visitor) -> None:
    person = visitor()
    assert "<script>alert" not in person.get("/regions/TG-M?target=force&source=<script>alert").text
    assert person.get("/regions/<script>alert(1)<%2Fscript>").status_code == 404
