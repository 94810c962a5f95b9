"""Tests of scorecards over the API: by model, purpose and moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.app import create_app
from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import midnight
from ewarn.store.scores import scorecards
from ewarn.store.scores.scorecards import ScorecardRow
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import LAST_ORIGIN, NOW, SOURCE, World

PATH = "/v1/models/invented/scorecard"
PURPOSE = Purpose(SOURCE, Target.FORCE, Level.COUNTRY, 4)


def add(world: World, purpose: Purpose, **others: object) -> None:
    at = NOW - timedelta(hours=1)
    figures = {"origins": 9, "models": {}, "unobserved": 0}
    row = ScorecardRow("invented", purpose, "", figures, at, at)
    with world.store.write() as connection:
        scorecards.add(connection, replace(row, **others))  # type: ignore[arg-type]


def test_a_scorecard_tells_all_months_first_and_then_each(client: Client) -> None:
    overall, may = client.items(PATH)
    assert (overall["month"], may["month"]) == (None, "2019-05")
    assert overall["models"] == {"invented@1+1a2b3c4d": 16}
    assert overall["rules"]["force-country"]["verdict"] == "too few expected for a test"
    assert may["reliability"][0]["share"] == 0.142857
    assert "rules" not in may


def test_as_of_a_past_moment_it_is_what_was_known_then(world: World, client: Client) -> None:
    add(world, PURPOSE)
    assert client.items(PATH)[0]["origins"] == 9
    before = (midnight(LAST_ORIGIN) - timedelta(days=1)).date()
    assert client.items(f"{PATH}?as_of={before}")[0]["origins"] == 4
    long_before = before - timedelta(days=30)
    assert client.items(f"{PATH}?as_of={long_before}") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("source=invented", {"country", "admin1"}),
        ("source=another", {"another"}),
        ("source=another&source=invented", {"country", "admin1", "another"}),
        ("target=force", {"country", "another"}),
        ("target=escalation,force&level=admin1", {"admin1"}),
        ("level=country&source=invented", {"country"}),
    ],
)
def test_it_is_narrowed_by_source_target_and_level(
    world: World, client: Client, query: str, found: set[str]
) -> None:
    add(world, replace(PURPOSE, level=Level.ADMIN1, target=Target.ESCALATION))
    add(world, replace(PURPOSE, source="another"))
    items = client.items(f"{PATH}?{query}")
    kinds = {item["level"] if item["source"] == SOURCE else item["source"] for item in items}
    assert kinds == found


def test_a_model_of_which_nothing_matured_has_an_empty_one_and_no_model_none(
    world: World, client: Client
) -> None:
    assert client.get("/v1/models/oracle/scorecard").status_code == 404
    state = world.state(model_cards=lambda _: [{"model": "young@2+00000000"}])
    young = Client(create_app(state), client.headers)
    assert young.items("/v1/models/young/scorecard") == []
    assert young.get("/v1/models/you/scorecard").status_code == 404


def test_only_what_is_listed_leaves(world: World, client: Client) -> None:
    figures = {"origins": 1, "models": {}, "unobserved": 0, "secret": "x"}
    add(world, PURPOSE, figures=figures)
    assert "secret" not in client.get(PATH).text


def test_it_needs_the_scope_of_scores(asker: Asker) -> None:
    answer = asker(scopes={"events:read"}).get(PATH)
    assert answer.status_code == 403
