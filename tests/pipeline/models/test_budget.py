"""Tests of rules with a budget: their thresholds come from the model that serves."""

from dataclasses import replace
from typing import Any

import pytest

from ewarn.domain.region import Level, Office
from ewarn.domain.rule import Rule
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Basis
from ewarn.errors import SettingsError
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.alert import AlertReport, alert
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.models.budget import (
    RulesWithThresholds,
    countries_of,
    require_thresholds,
    with_thresholds,
)
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedFitter, InventedSource
from tests.scores import moment, origin, rule

ALARMS: list[dict[str, Any]] = [
    {"threshold": 0.05, "false_per_country_year": 2.0},
    {"threshold": 0.2, "false_per_country_year": 1.0},
    {"threshold": 0.35, "false_per_country_year": 0.5},
]
DAKAR = Office("dakar", "Dakar", "fr", ("BEN", "TGO", "SEN", "GHA"))
NAIROBI = Office("nairobi", "Nairobi", "en", ("KEN", "UGA"))


def stated(budget: float, **others: Any) -> Rule:
    """Return a rule with a budget, as it is written in a file."""
    values: dict[str, Any] = {
        "raise_at": 1.0,
        "close_below": 0.0,
        "keep_for": 8,
        "budget": budget,
        "offices": ("dakar",),
        "stands_at": "rules.yaml, line 3",
    }
    return rule(**(values | others))


def service_with(service: Service, *rules: Rule, alarms: Any = ALARMS) -> Service:
    book = replace(service.rulebook, rules=rules, offices=(DAKAR, NAIROBI))
    return replace(service, rulebook=book, fitter=InventedFitter(alarms))


def thresholds(service: Service, *sources: str) -> RulesWithThresholds:
    with service.store.read() as connection:
        rules = service.rulebook.rules
        return with_thresholds(
            service, connection, rules, sources or ("invented",), Cut(), origin(0)
        )


def of_first(service: Service, *sources: str) -> dict[str, float]:
    return dict(thresholds(service, *sources).rules[0].thresholds)


@pytest.mark.parametrize(("budget", "threshold"), [(8, 0.05), (4, 0.2), (3.9, 0.35), (2, 0.35)])
def test_a_budget_is_for_all_countries_of_the_office(
    service: Service, budget: float, threshold: float
) -> None:
    assert of_first(service_with(service, stated(budget))) == {"invented": threshold}


def test_the_office_with_the_most_countries_decides(service: Service) -> None:
    both = stated(4, offices=("dakar", "nairobi"))
    assert of_first(service_with(service, both)) == {"invented": 0.2}
    alone = stated(4, offices=("nairobi",))
    assert of_first(service_with(service, alone)) == {"invented": 0.05}
    everywhere = replace(service_with(service), rulebook=service.rulebook)
    (number,) = countries_of(everywhere, stated(4, offices=("*",)), origin(0))
    living = [item for item in service.places.regions(Level.COUNTRY) if item.exists_on(origin(0))]
    assert number == len(living) < len(service.places.regions(Level.COUNTRY))


def test_sources_share_a_budget(service: Service) -> None:
    given = of_first(service_with(service, stated(4)), "invented", "another")
    assert given == {"another": 0.35, "invented": 0.35}


def test_a_rule_that_states_its_threshold_is_left_alone(service: Service) -> None:
    plain = rule()
    assert thresholds(service_with(service, plain)).rules == (plain,)


@pytest.mark.parametrize(
    ("budget", "sentence"),
    [
        (1, r"line 3: rule 'force-admin1': on invented even the highest tested threshold, 0\.35"),
        (9, r"line 3: rule 'force-admin1': on invented no tested threshold cost more than 2"),
    ],
)
def test_what_the_test_cannot_answer_is_said_with_the_line(
    service: Service, budget: float, sentence: str
) -> None:
    found = thresholds(service_with(service, stated(budget)))
    assert found.rules[0].thresholds == ()
    with pytest.raises(SettingsError, match=sentence):
        require_thresholds(found)


def test_an_uncalibrated_source_has_no_answer(service: Service, model: Echo) -> None:
    model.basis = Basis.UNCALIBRATED
    with pytest.raises(SettingsError, match=r"line 3: .* no model is calibrated for it"):
        require_thresholds(thresholds(service_with(service, stated(4))))


def live(service: Service, source: InventedSource, week: int) -> AlertReport:
    ingest(service, source, moment(week))
    score(service, "invented", moment(week))
    return alert(service, moment(week))


@pytest.fixture
def restless(source: InventedSource) -> InventedSource:
    """Return a source with three lethal events last week: a probability of 0.3 for four weeks."""
    events = [row(n, kind="force", occurred_on=origin(-1), fatalities_low=1) for n in "abc"]
    covered = (Coverage("invented", "TGO", origin(-60), origin(-1)),)
    source.payloads.append(Payload("invented", "one", b"one", moment(-1)))
    source.batches["one"] = ParsedBatch(frame(*events), coverage=covered)
    return source


def test_an_alert_opens_at_the_threshold_that_the_budget_gives(
    service: Service, restless: InventedSource
) -> None:
    decided = live(service_with(service, stated(4)), restless, 0)
    (told,) = decided.changes
    assert told.change.reason == "probability 0.300 at or above 0.2 for 1 week"
    assert decided.silent == ()


def test_a_champion_that_costs_more_raises_the_threshold(
    service: Service, restless: InventedSource
) -> None:
    dearer = [
        row_ | {"false_per_country_year": 2 * row_["false_per_country_year"]} for row_ in ALARMS
    ]
    decided = live(service_with(service, stated(4), alarms=dearer), restless, 0)
    assert decided.changes == ()


def test_a_rule_without_an_answer_is_told_and_the_others_go_on(
    service: Service, restless: InventedSource
) -> None:
    decided = live(service_with(service, stated(1, id="one"), rule(id="two")), restless, 0)
    assert [told.change.alert.rule for told in decided.changes] == ["two"]
    (sentence,) = decided.silent
    assert sentence.startswith("rules.yaml, line 3: rule 'one': on invented even the highest")
