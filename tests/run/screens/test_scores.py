"""Tests of `ewarn scores`."""

from dataclasses import replace
from datetime import date

import pytest

from ewarn.domain.time import midnight
from ewarn.languages.formats import day_words
from tests.api.world import LAST_ORIGIN, NOW, World, scores_of
from tests.run.conftest import Command
from tests.run.screens.conftest import Asked, fits


def test_the_scores_of_a_country_in_words(shell: Command) -> None:
    said = shell("scores", "tgo").out
    assert fits(said)
    whole = " ".join(said.split())
    assert "Togo (TGO)" in whole
    assert "lethal force against demonstrators: critical" in whole
    assert "Scored for 2 Mar 2020, 6 hours ago, from invented." in whole
    assert "× protests, since 20 Jan 2020 ↑" in whole
    assert "Note: illustration: parameters from another source" in whole


def test_a_probability_has_its_interval(shell: Command, asked: Asked) -> None:
    first = asked("scores", "TGO")["scores"][0]
    assert 0 < first["low"] < first["probability"] < first["high"] < 1
    said = shell("scores", "TGO").out
    low, high = (f"{first[name] * 100:.0f}%" for name in ("low", "high"))
    assert f"90%: {low} – {high}, 4 weeks" in said


@pytest.mark.parametrize("named", ["TG-M", "tg-m"])
def test_a_subdivision_by_its_code(asked: Asked, named: str) -> None:
    found = asked("scores", named)
    assert found["region"] == "TG-M"
    assert {each["region"] for each in found["scores"]} == {"TG-M"}


def test_the_most_serious_is_first_and_subdivisions_are_shown_if_asked(
    shell: Command, asked: Asked
) -> None:
    found = asked("scores", "TGO", "--regions")
    assert {each["region"] for each in found["scores"]} == {"TGO"}
    assert {each["region"][:3] for each in found["inside"]} == {"TG-"}
    shares = [each["probability"] for each in found["scores"]]
    assert shares == sorted(shares, reverse=True)
    assert asked("scores", "TGO")["inside"] == []
    said = shell("scores", "TGO", "--regions").out
    assert fits(said)
    assert "TG-K Kara" in said


def test_a_past_day_shows_the_scores_of_then(asked: Asked) -> None:
    then = asked("scores", "TGO", "--as-of", "2020-01-15")["scores"]
    assert {each["origin"] for each in then} == {"2020-01-13"}


def test_an_unobserved_week_is_not_calm(shell: Command) -> None:
    said = " ".join(shell("scores", "BEN").out.split())
    assert "Last week: not observed" in said
    assert "its last week was not observed" in said
    assert "Completeness of the data: 75%." in said


def test_a_country_without_a_score_says_what_that_means(shell: Command, asked: Asked) -> None:
    ran = shell("scores", "NOR")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "no score, which does not mean that there is no risk: no source observes it" in said
    found = asked("scores", "NOR")
    assert found["scores"] == []
    assert {each["target"] for each in found["not_observed"]} == {"force", "escalation"}


def test_a_reconstructed_score_says_so(
    shell: Command, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = date(2020, 1, 6)
    again = [replace(each, recorded_at=NOW) for each in scores_of(early)]
    world.add_scores(again, at=NOW, source="other")
    said = " ".join(shell("scores", "TGO").out.split())
    assert f"reconstructed on {day_words(NOW.date(), 'en')}" in said
    assert midnight(LAST_ORIGIN) < NOW


def test_an_unknown_region_is_one_sentence(shell: Command) -> None:
    ran = shell("scores", "XYZ")
    assert (ran.code, ran.out) == (2, "")
    assert "There is no region 'XYZ'" in ran.err


def test_the_command_that_scores_leads_to_the_one_that_shows(ewarn: Command) -> None:
    ran = ewarn("score", "TGO")
    assert ran.code == 2
    assert "see the scores of a region with `ewarn scores TGO`" in ran.err
    assert "ewarn scores" not in ewarn("score", "telepathy").err


def test_an_empty_store_is_no_calm(ewarn: Command, now: object) -> None:
    said = " ".join(ewarn("scores", "TGO").out.split())
    assert "no score, which does not mean that there is no risk" in said
    assert "nothing has been read yet" in said


def test_french_is_french(shell: Command) -> None:
    said = shell("scores", "TGO", "--language", "fr").out
    assert "usage meurtrier de la force contre des manifestants" in " ".join(said.split())
    assert "Principaux facteurs" in said or "facteurs" in said.lower()


def test_a_table_says_what_was_not_observed(
    shell: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert "(not observed)" in shell("scores", "BEN", "--regions").out.partition("Regions")[2]
    assert "not observed" not in shell("scores", "TGO", "--regions").out.partition("Regions")[2]
