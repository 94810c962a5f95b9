"""Tests of `ewarn models`: fit on an invented back-fill, list, show, promote."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from ewarn.domain.time import WEEK, origin_at
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.wiring import open_service
from tests.pipeline.backfilled import fill
from tests.run.conftest import Command
from tests.run.test_terms import client_of

RULES = """\
- id: quiet
  target: force
  level: country
  horizon_weeks: 4
  budget: {budget}
  offices: [dakar]
"""


@pytest.fixture
def filled(ewarn: Command) -> Command:
    """The command line over a store with a back-fill of GDELT up to last week."""
    with open_service(settings.load()) as service:
        # A back-fill is recorded at six in the morning. On a Monday before six, it was last week's.
        end = origin_at(wall() - timedelta(hours=7))
        fill(service, first=end - 300 * WEEK, end=end)
    return ewarn


def test_from_a_fit_to_a_champion_and_its_thresholds(filled: Command, tmp_path: Path) -> None:
    ewarn = filled
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.format(budget=1))
    ran = ewarn("rules", "check", str(rules))
    assert ran.code == 2
    assert "rules.yaml, line 1: rule 'quiet': no model is calibrated for it" in ran.err

    said = ewarn("models", "fit", "--target", "force", "--level", "country").out
    assert "4 weeks, on gdelt (fit 1): promoted; the challenger" in " ".join(said.split())
    assert "beats zero" in said
    assert "Messages a country and year" in said
    assert "ensemble, the rule:" in said

    listed = json.loads(ewarn("models", "list", "--json").out)
    (row,) = listed["fits"]
    assert row["serves"] is True
    assert row["model"] in {card["model"] for card in listed["models"]}
    assert "gdelt" in ewarn("models", "list").out
    shown = json.loads(ewarn("models", "show", "1", "--json").out)
    assert shown["card"]["label_source"] == "gdelt"
    assert "ensemble, the rule" in shown["card"]["development"]["messages"]["table"]
    said = ewarn("models", "show", "1").out
    assert "promoted" in said
    assert "ensemble, the rule:" in said

    given = json.loads(ewarn("rules", "check", str(rules), "--json").out)
    assert set(given["thresholds"]["quiet"]) == {"gdelt"}
    assert 0 < given["thresholds"]["quiet"]["gdelt"] < 1
    rules.write_text(RULES.format(budget=1e6))
    ran = ewarn("rules", "check", str(rules))
    assert "line 1: rule 'quiet': on gdelt no tested threshold cost more than" in ran.err

    again = json.loads(ewarn("models", "promote", "1", "--reason", "to be sure", "--json").out)
    assert again["promoted"] == row["model"]
    with open_service(settings.load()) as service:
        client = client_of(service, wall())
        cards = client.items("/v1/models")
        assert row["model"] in {card["model"] for card in cards}
        assert client.items("/v1/models/ensemble/scorecard") == []
        yesterday = (wall() - timedelta(days=1)).date()
        before = client.items(f"/v1/models?as_of={yesterday}")
        assert before, "others served before"
        assert row["model"] not in {card["model"] for card in before}


def test_an_altered_champion_is_named_and_hides_nothing(filled: Command, tmp_path: Path) -> None:
    filled("models", "fit", "--target", "force", "--level", "country")
    with sqlite3.connect(tmp_path / "data" / "ewarn.db") as connection:
        connection.execute("UPDATE fitted_model SET document = replace(document, '0.1', '0.2')")
    connection.close()
    listed = filled("models", "list", "--json")
    assert (listed.code, len(json.loads(listed.out)["fits"])) == (0, 1)
    assert "was altered after it was stored" in listed.err
    for arguments in (("models", "show", "1"), ("models", "promote", "1", "--reason", "so")):
        ran = filled(*arguments)
        assert ran.code == 1
        assert "the fitted model 1 (force at country level, 4 weeks, on gdelt)" in ran.err
    assert "was altered" in filled("score", "gdelt").err


def test_outcomes_of_another_source_are_named_with_whose_signals_they_are_for(
    filled: Command,
) -> None:
    ran = filled("models", "fit", "--outcomes", "mass-mobilization")
    assert ran.code == 2
    assert "name the source of the signals too" in ran.err
    refused = filled("models", "fit", "ucdp", "--outcomes", "gdelt").err
    assert "it does not count the dead" in refused
    for outcomes, target in (("mass-mobilization", "force"), ("ucdp", "killings")):
        said = json.loads(filled("models", "fit", "gdelt", "--outcomes", outcomes, "--json").out)
        assert [(fit["source"], fit["outcomes"], fit["target"]) for fit in said["fits"]] == [
            ("gdelt", outcomes, target)
        ] * 2
        reason = f"gdelt and {outcomes}: not read yet; see `ewarn status`"
        assert {fit["reason"] for fit in said["fits"]} == {reason}


def test_the_status_says_how_far_a_probability_by_the_outcomes_of_another_is(
    ewarn: Command,
) -> None:
    said = " ".join(ewarn("status").out.split())
    assert "gdelt outcomes: mass-mobilization was not read yet: run" in said
    assert "gdelt outcomes: ucdp was not read yet: name ucdp in EWARN_SOURCES" in said
    told = json.loads(ewarn("status", "--json").out)["outcomes"]
    assert [(each["source"], each["outcomes"], each["matured"]) for each in told] == [
        ("gdelt", "mass-mobilization", 0),
        ("gdelt", "ucdp", 0),
    ]
