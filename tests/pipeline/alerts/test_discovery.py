"""Tests of rules with `false_discovery`, from invented counts to alerts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ewarn.domain.region import Level
from ewarn.domain.rule import Rule
from ewarn.domain.source import Coverage, Payload
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.alert import AlertReport, alert, scores_for_rules
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from models.detectors.detector import Detector
from tests.events import frame, row
from tests.rulebook.test_rule_kinds import Many
from tests.scores import moment, origin, rule

COUNTRIES = ("BEN", "BFA", "CIV", "GHA", "GIN", "GMB", "LBR", "MLI", "NER", "NGA", "SEN", "TGO")
FLOODED, RAISED, RESTLESS = "TGO", "BEN", "GHA"
EVERY = scores.ScoreFilter()
LAST_WEEK = {FLOODED: 9, RAISED: 3, RESTLESS: 2}


def watch(name: str, **others: Any) -> Rule:
    """Return a rule on a detector, for countries."""
    stated = {"detector": True, "raise_at": 1.0, "close_below": 0.0, "level": Level.COUNTRY}
    return rule(id=name, **(stated | others))


RULES = (
    watch("bound"),
    watch("strict", false_discovery=0.001),
    watch("usual", false_discovery=0.03),
    watch("generous", false_discovery=0.1),
)


def events() -> Iterator[dict[str, Any]]:
    """Return one lethal event a country every fourth week, and more in some in the last week."""
    for place, country in enumerate(COUNTRIES):
        for week in range(-60, 0):
            number = LAST_WEEK.get(country, 0) if week == -1 else int((week + place) % 4 == 0)
            for event in range(number):
                day = origin(week) + timedelta(days=event % 6)
                name = f"{country}.{week}.{event}"
                lethal = row(name, kind="force", occurred_on=day, region=country, fatalities_low=1)
                yield lethal | {"country": country, "location_precision": "country"}


@pytest.fixture
def decided(service: Service) -> tuple[Service, AlertReport]:
    """Return a service with a detector on invented counts, after its rules decided."""
    covered = tuple(Coverage("invented", name, origin(-60), origin(0) - WEEK) for name in COUNTRIES)
    payload = Payload("invented", "one", b"one", moment(0))
    store_batches(service, payload, [ParsedBatch(frame(*events()), coverage=covered)], moment(0))
    detector = Detector(Target.FORCE, Level.COUNTRY, source="invented")
    book = replace(service.rulebook, rules=RULES)
    service = replace(service, models=lambda *_: (detector,), rulebook=book)
    score(service, "invented", moment(0))
    return service, alert(service, moment(0))


def test_a_rule_fires_where_chance_alone_brings_such_an_alarm_seldom_enough(
    decided: tuple[Service, AlertReport],
) -> None:
    _, report = decided
    opened: dict[str, set[str]] = {stated.id: set() for stated in RULES}
    for told in report.changes:
        opened[told.change.alert.rule].add(told.change.alert.region)
    assert opened == {
        "bound": {FLOODED, RAISED},
        "strict": {FLOODED},
        "usual": {FLOODED, RAISED},
        "generous": {FLOODED, RAISED, RESTLESS},
    }
    reasons = {told.change.reason for told in report.changes if told.change.alert.rule == "usual"}
    assert all("chance alone brings such an alarm in " in why for why in reasons)


def test_what_the_most_generous_rule_hears_has_its_drivers(
    decided: tuple[Service, AlertReport],
) -> None:
    service, _ = decided
    with service.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut()).values())
        found = {item.region: item for item in scores.in_runs(connection, runs, EVERY)}
    assert not found[RESTLESS].exceeds_bound
    explained = {region for region, item in found.items() if item.drivers}
    assert explained == {FLOODED, RAISED, RESTLESS}
    assert all(found[name].false_discovery is not None for name in COUNTRIES)


def test_of_the_scores_that_rules_act_on_only_alarms_and_watched_regions_are_read(
    decided: tuple[Service, AlertReport],
) -> None:
    service, _ = decided
    with service.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut()).values())

        def read(*rules: Rule) -> set[str]:
            found = scores_for_rules(connection, runs, rules, ["NGA"])
            return {each.region for each in found}

        plain, strict, usual, _ = RULES
        assert read(strict) == {FLOODED, "NGA"}
        assert read(strict, usual, rule()) == {FLOODED, RAISED, "NGA"}
        assert read(rule()) == {"NGA"}
        assert read(plain, usual) == set(COUNTRIES)
        heard = rule(condition=Many.model_validate({"times": "2"}))
        assert read(heard) == set(COUNTRIES), "what a condition hears, it alone knows"
