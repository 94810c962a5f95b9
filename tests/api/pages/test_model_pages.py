"""Tests of the pages of models: cards in words, scorecards, and what people found of alerts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from api.app import create_app
from api.pages.views.reliability import SIDE, diagram_of
from ewarn.domain.key import PARTNER_SCOPES, READ_SCOPES, PartnerLimits
from ewarn.domain.time import midnight
from tests.api.fixtures import Asker
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.world import CLOSED_TERMS, SOURCE, World

CARD: dict[str, Any] = {
    "model": "ensemble@2+1a2b",
    "source": "invented",
    "target": "force",
    "level": "country",
    "horizon_weeks": 4,
    "basis": "provisional",
    "created_on": "2020-02-01",
    "data": "An <invented> data set",
    "licence": "CC0",
    "label_source": "mass-mobilization",
    "signals": ["invented:protest"],
    "fitted_on": {
        "first_origin": "1993-01-04", "labels_before": "2014-01-01", "countries": 115,
        "rows": 30883, "positives": 477, "base_rate": 0.015,
    },
    "development": {
        "origins": "weekly, invented",
        "skill": {
            "ensemble": {"rows": 41511, "positives": 535, "brier_skill": 0.018, "auc": 0.776}
        },
        "messages": {
            "table": {
                "the rule": {
                    "messages_per_country_year": {"value": 0.31, "low": 0.22, "high": 0.41},
                    "for_nothing_per_country_year": {"value": 0.19, "low": 0.12, "high": 0.26},
                    "onset": {
                        "told_before": {"value": 0.13, "low": 0.07, "high": 0.18},
                        "told_by_next_run": {"value": None, "low": None, "high": None},
                    },
                }
            }
        },
    },
    "weaknesses": ["It sees <capitals> best."],
}  # fmt: skip
DEATHS = {
    "model": "fatalities@1", "source": "invented", "target": "fatalities", "level": "country",
    "horizon_months": 6, "fitted_on": "all months that were known",
}  # fmt: skip


def reads(world: World, *cards: dict[str, Any]) -> Person:
    person = Person(create_app(world.state(model_cards=lambda _: list(cards))))
    person.sign_in(world.key("TGO"))
    return person


def test_the_list_says_what_each_model_is_for(world: World) -> None:
    said = words(reads(world, CARD, DEATHS).get("/models"))
    assert "ensemble Several models together" in said
    assert "lethal force against demonstrators countries · 4 weeks · invented" in said
    assert "probabilities that rest on few outcomes" in said
    assert "deaths in organised violence countries · 1 to 6 months · invented" in said


def test_a_past_day_is_in_every_address_of_the_page(world: World) -> None:
    began = midnight(date(2020, 2, 1))
    state = world.state(model_cards=lambda moment: [CARD] if moment >= began else [])
    person = Person(create_app(state))
    person.sign_in(world.key("TGO"))
    assert "No model serves yet" in words(person.get("/models?as_of=2020-01-31"))
    text = person.get("/models?as_of=2020-02-20").text
    assert 'href="/models/ensemble?as_of=2020-02-20"' in text
    assert 'href="/v1/models?as_of=2020-02-20"' in text
    page = person.get("/models/ensemble?as_of=2020-02-20")
    assert "As known on 20 Feb 2020" in words(page)
    assert 'href="/v1/models/ensemble/scorecard?as_of=2020-02-20"' in page.text
    assert person.get("/models/ensemble?as_of=2020-01-31").status_code == 404


def test_a_card_says_what_it_learned_how_it_did_and_its_limits(world: World) -> None:
    page = reads(world, CARD).get("/models/ensemble")
    said = words(page)
    assert "learned from few outcomes of another source" in said  # the notice of its basis
    assert "An <invented> data set (CC0) . Outcomes as mass-mobilization reports them." in said
    assert "30883 cases of 115 countries, from 4 Jan 1993 until 1 Jan 2014." in said
    assert "477 of them came true (1.5%)." in said
    assert "Skill 0.018 Ranking 0.78" in said
    assert "the rule 0.31 0.22–0.41 0.19 0.12–0.26 13% 7.0%–18% –" in said
    assert "It sees <capitals> best." in said
    assert "<capitals>" not in page.text
    assert "<invented>" not in page.text
    assert "No score of it has been compared" in said


def test_a_model_that_learned_nothing_says_so(world: World) -> None:
    bare = {"model": "bare@1", "target": "force", "basis": "uncalibrated"}
    said = words(reads(world, bare).get("/models/bare"))
    assert "It learned from nothing" in said
    assert "expected numbers and bounds, no probabilities" in said
    assert "countries and their regions" in said


def test_the_scorecard_has_all_months_first_and_a_diagram_with_its_numbers(
    visitor: Visitor,
) -> None:
    page = visitor("TGO").get("/models/invented")
    said = words(page)
    assert "all months 14 2 10% 14% 0.10 0.80 2 2019-05 14" in said
    assert page.text.count("<circle") == 1
    assert 'role="img" aria-label="Reliability of the scores of lethal force' in page.text
    assert "Predicted Observed Scores 10% 14% 14" in said
    assert "force-country 10% 0.31 0.02 0 0.0–3.0 too few expected for a test" in said
    assert 'href="/v1/models/invented/scorecard"' in page.text


def test_what_people_found_of_alerts_is_counted(
    world: World, visitor: Visitor, asker: Asker
) -> None:
    person, desk = visitor("TGO"), asker("TGO", scopes=READ_SCOPES | {"alerts:act"})
    assert "lethal force against demonstrators 2 0 0 0 2" in words(person.get("/models"))
    for id_, finding in (("a1", "true alarm"), ("a0", "false alarm")):
        sent = {"finding": finding, "reason": "an invented one"}
        assert desk.post(f"/v1/alerts/{id_}/assess", sent).status_code == 200
    assert "lethal force against demonstrators 2 1 1 0 0" in words(person.get("/models"))


def test_alerts_of_other_countries_are_not_counted(visitor: Visitor) -> None:
    assert "No alert has been opened yet" in words(visitor("GHA").get("/models"))


def test_how_forecasts_of_deaths_did_is_shown(visitor: Visitor) -> None:
    said = words(visitor("TGO").get("/models"))
    assert "all fatalities 3 1.50 – –" in said
    assert "1 fatalities 3 1.50" in said


def test_a_model_that_does_not_exist_is_not_found(visitor: Visitor) -> None:
    person = visitor("TGO")
    for name in ("no-such", "a%2Fb", "x%3Fy"):
        assert person.get(f"/models/{name}").status_code == 404


def test_models_of_sources_that_the_key_may_not_read_are_hidden(world: World) -> None:
    assert reads(world, CARD).get("/models/ensemble").status_code == 200
    world.terms[SOURCE] = replace(CLOSED_TERMS, train=False)
    assert reads(world, CARD).get("/models/ensemble").status_code == 404


@pytest.mark.parametrize("path", ["/models", "/models/invented"])
def test_who_may_not_read_scores_reads_why(visitor: Visitor, path: str) -> None:
    page = visitor("TGO", scopes=READ_SCOPES - {"scores:read"}).get(path)
    assert page.status_code == 200
    assert "the scope scores:read" in words(page)
    assert "/v1/models" not in page.text


@pytest.mark.parametrize("path", ["/models", "/models/invented"])
def test_a_partner_reads_that_models_are_not_open_to_partners(visitor: Visitor, path: str) -> None:
    limits = PartnerLimits(("TG-M",), date(2020, 1, 1), date(2020, 3, 1))
    page = visitor("TGO", scopes=PARTNER_SCOPES, partner=limits).get(path)
    assert page.status_code == 200
    assert "not open to the keys of partners" in words(page)
    assert "/v1/models" not in page.text


def test_without_the_right_to_alerts_the_rest_is_shown(visitor: Visitor) -> None:
    said = words(visitor("TGO", scopes={"scores:read"}).get("/models"))
    assert "the scope alerts:read" in said
    assert "invented" in said


def test_without_models_the_page_says_so(world: World) -> None:
    assert "No model serves yet" in words(reads(world).get("/models"))


def test_a_point_lies_where_its_figures_are_and_its_area_is_its_number() -> None:
    bins = [
        {"scores": 0, "mean_probability": 0.9, "share": 0.9},
        {"scores": 100, "mean_probability": 0.05, "share": 0.1},
        {"scores": 25, "mean_probability": 0.15, "share": 0.2},
    ]
    found = diagram_of(bins)
    assert found is not None
    assert found.end == 0.2
    first, second = found.points
    assert (first.x, first.y) == (SIDE / 4, SIDE / 2)
    assert (second.x, second.y) == (SIDE * 3 / 4, 0)
    assert first.radius == 2 * second.radius
    assert found.ticks[0] == (0.0, 0.0)
    assert found.ticks[-1] == (SIDE, 0.2)


def test_there_is_no_diagram_without_scores() -> None:
    assert diagram_of([]) is None
    assert diagram_of([{"scores": 0, "mean_probability": 0.1, "share": 0.0}]) is None
