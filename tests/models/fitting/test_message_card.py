"""Tests of the table of messages on the card of a model."""

from datetime import date

import numpy as np
import pytest

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.rule import Rise
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from models.fitting.message_card import message_card, sent_message_table
from models.fitting.prequential import PrequentialResult

FIRST = date(2010, 1, 4)
PAST, WEEKS = 60, 40  # weeks before the first origin, and origins
ONSET = PAST + 20
SIGNALS = tuple(f"mass-mobilization:{kind}" for kind in ("protest", "riot", "arrest", "force"))
PURPOSE = Purpose("mass-mobilization", Target.FORCE, Level.COUNTRY, 4)
RISE = Rise(0.02, 1.6, 4, 6, 1.5)


def panel(weeks: int = PAST + WEEKS + 8) -> Panel:
    """Two countries; in one lethal force begins in the week of the twentieth origin."""
    signals = (*SIGNALS, "mass-mobilization:force:lethal")
    counts = np.zeros((weeks, 2, len(signals)), np.int32)
    counts[ONSET, 1, 3:] = 1
    seen = np.ones(counts.shape, np.bool_)
    return Panel(FIRST, ("AAA", "BBB"), signals, {}, counts, seen)


def rehearsal(*risen: int) -> PrequentialResult:
    """Scores that rise at some origins, in the country of the onset."""
    probability = np.full((WEEKS, 2), 0.01)
    for week in risen:
        probability[week, 1] = 0.05
    return PrequentialResult(
        {"ensemble": probability},
        np.zeros((WEEKS, 2)),
        np.ones((WEEKS, 2), np.bool_),
        FIRST + PAST * WEEK,
        2,
    )


def test_an_onset_that_was_told_before_stands_on_the_card() -> None:
    made = message_card(rehearsal(16), panel(), PURPOSE, RISE)
    assert made is not None
    row = made["table"]["ensemble, the rule"]
    assert (row["messages"], row["median_lead_weeks"]) == (1, 4.0)
    assert row["onset"] == {
        "number": 1,
        "told_before": {"value": 1.0, "low": None, "high": None},
        "told_by_next_run": {"value": 1.0, "low": None, "high": None},
    }
    hdx = made["table"]["hdx-medium, floor 1"]
    assert hdx["onset"]["told_by_next_run"]["value"] == 1.0
    assert hdx["onset"]["told_before"]["value"] == 0.0


def test_weeks_whose_eight_weeks_are_not_over_or_not_seen_are_left_out() -> None:
    unseen = panel()
    unseen.observed[PAST + 40] = False
    messages = []
    for final in (panel(), panel(PAST + WEEKS), unseen):
        made = message_card(rehearsal(16, 35), final, PURPOSE, RISE)
        assert made is not None
        messages.append(made["table"]["ensemble, the rule"]["messages"])
    assert messages == [2, 1, 1]


def test_what_the_panel_does_not_know_is_left_out() -> None:
    early = FIRST - 3 * WEEK
    told = {"ours": [("CCC", FIRST + PAST * WEEK), ("BBB", early)]}
    made = sent_message_table(panel(), PURPOSE, scored() | {early: {"BBB": 0.01, "CCC": 0.2}}, told)
    assert made["ours"]["messages"] == 0
    assert sent_message_table(panel(), PURPOSE, {early: {"BBB": 0.01}}, told) == {}


def test_no_messages_are_judged_of_what_is_no_lethal_force() -> None:
    other = Purpose("mass-mobilization", Target.ESCALATION, Level.COUNTRY, 4)
    assert message_card(rehearsal(), panel(), other, RISE) is None


def test_without_a_rule_on_rises_the_plain_level_stands_alone() -> None:
    made = message_card(rehearsal(16), panel(), PURPOSE, None)
    assert made is not None
    assert made["rise"] is None
    assert [name for name in made["table"] if name.startswith("ensemble")] == ["ensemble, at 0.05"]


def scored() -> dict[date, dict[str, float | None]]:
    """What two countries scored, but for one week in which nothing was."""
    origins = [FIRST + (PAST + week) * WEEK for week in range(WEEKS) if week != 3]
    return {origin: {"AAA": 0.01, "BBB": 0.06} for origin in origins}


def test_messages_that_went_out_are_judged_by_who_sent_them() -> None:
    at = FIRST + (PAST + 16) * WEEK
    told = {"ours": [("BBB", at)], "theirs": [("AAA", at), ("BBB", FIRST + ONSET * WEEK + WEEK)]}
    made = sent_message_table(panel(), PURPOSE, scored(), told)
    ours, theirs = made["ours"], made["theirs"]
    assert (ours["messages"], ours["onset"]["told_before"]["value"]) == (1, 1.0)
    years = 2 * (WEEKS - 1) * 7 / 365.25
    assert ours["messages_per_country_year"]["value"] == pytest.approx(1 / years)
    assert (theirs["messages"], theirs["onset"]["told_before"]["value"]) == (2, 0.0)
    assert theirs["onset"]["told_by_next_run"]["value"] == 1.0
    assert theirs["for_nothing_per_country_year"]["value"] > 0
    assert made["a level of 0.05"]["messages"] == 1
    assert "hdx-high, floor 1" in made


def test_where_no_probability_was_claimed_there_is_no_plain_level() -> None:
    nothing: dict[date, dict[str, float | None]] = {
        origin: dict.fromkeys(made) for origin, made in scored().items()
    }
    made = sent_message_table(panel(), PURPOSE, nothing, {"ours": []})
    assert [name for name in made if not name.startswith("hdx")] == ["ours"]
    assert made["ours"]["messages_per_country_year"]["value"] == 0.0
