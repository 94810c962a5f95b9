"""Tests of what messages are worth, by hand and against the plain definition."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from ewarn.domain.rule import QuietRise, Rise
from ewarn.frames.predictions import LEAST_QUIET
from models.judging.measures.bootstrap import Draws
from models.judging.measures.emergencies import Emergencies
from models.judging.measures.messages import crossed, risen
from models.judging.reporting.message_table import (
    HEADS,
    EvaluatedWeeks,
    _in_busiest,
    message_table,
    table_lines,
    table_rows,
)

PAST = 60  # weeks before the first origin
NO = np.nan


def lethal_in(weeks: Sequence[int], length: int = 140) -> np.ndarray:
    """One region's lethal events, one in each week named."""
    series = np.zeros((length, 1), np.int64)
    np.add.at(series[:, 0], list(weeks), 1)
    return series


def begun(lethal: np.ndarray) -> tuple[list[int], list[int]]:
    found = Emergencies.of(lethal)
    return np.flatnonzero(found.onset[:, 0]).tolist(), np.flatnonzero(found.surge[:, 0]).tolist()


@pytest.mark.parametrize(
    ("weeks", "onsets", "surges"),
    [
        ([70, 71, 97], [70], []),  # 26 weeks after 71 there is still one
        ([70, 98], [70, 98], []),
        ([70, 90, 91], [70], [91]),  # two in four weeks, as never before
        ([70, 74, 75], [70], []),  # an emergency has just begun
        ([70, 71, 90, 91], [70], []),  # no more than a while ago
        ([70, 71, 90, 91, 92], [70], [92]),
        ([70, 80, 81, 88, 89, 89], [70], [81]),  # that of 81 is 8 weeks ago only at 89
        ([70, 80, 81, 90, 90, 91], [70], [81, 91]),
    ],
)
def test_what_begins_an_emergency(weeks: list[int], onsets: list[int], surges: list[int]) -> None:
    assert begun(lethal_in(weeks)) == (onsets, surges)


def figures(sent: Sequence[int], lethal: np.ndarray, origins: int = 60) -> dict[str, Any]:
    """The row of one region whose messages left at some origins, by their number."""
    told = np.zeros((origins, 1), np.bool_)
    told[list(sent), 0] = True
    asked = EvaluatedWeeks(np.ones((origins, 1), np.bool_), PAST, np.zeros(1, np.int64), 1)
    draws = Draws.of(1, seed=0)
    row: dict[str, Any] = message_table({"it": told}, Emergencies.of(lethal), asked, draws)["it"]
    return row


@pytest.mark.parametrize(
    ("sent", "before", "by_next"),
    [
        ([], 0, 0),
        ([19], 1, 1),  # the onset is in week 80: the origin 20 begins it
        ([20], 1, 1),
        ([13], 1, 1),
        ([12], 0, 0),
        ([21], 0, 1),
        ([22], 0, 0),
    ],
)
def test_told_before_and_by_the_next_run(sent: list[int], before: int, by_next: int) -> None:
    row = figures(sent, lethal_in([80]))
    assert row["onset"] == {
        "number": 1,
        "told_before": {"value": before, "low": None, "high": None},
        "told_by_next_run": {"value": by_next, "low": None, "high": None},
    }


def test_a_message_is_for_nothing_if_nothing_follows_and_nothing_came_just_before() -> None:
    def vain(week: int) -> int:
        rate = figures([week], lethal_in([80]))["for_nothing_per_country_year"]
        return round(float(rate["value"]) * 60 / (365.25 / 7))

    assert [vain(week) for week in (12, 13, 20, 21, 22)] == [1, 0, 0, 0, 1]


def test_emergencies_count_once_a_message_could_have_told_of_them() -> None:
    assert figures([], lethal_in([67]))["onset"]["number"] == 0
    assert figures([], lethal_in([68]))["onset"]["number"] == 1
    assert figures([], lethal_in([119]))["onset"]["number"] == 1
    assert figures([], lethal_in([120]))["onset"]["number"] == 0


def test_an_onset_in_a_week_that_was_not_scored_is_not_asked_about() -> None:
    asked = np.ones((60, 1), np.bool_)
    asked[20] = False
    at = EvaluatedWeeks(asked, PAST, np.zeros(1, np.int64), 1)
    truth = Emergencies.of(lethal_in([80]))
    row = message_table({"it": np.zeros((60, 1), np.bool_)}, truth, at, Draws.of(1, seed=0))["it"]
    assert row["onset"]["number"] == 0


def test_regions_of_a_country_share_its_years() -> None:
    told = np.zeros((52, 2), np.bool_)
    told[3] = True
    asked = EvaluatedWeeks(np.ones((52, 2), np.bool_), PAST, np.zeros(2, np.int64), 1)
    truth = Emergencies.of(np.zeros((130, 2), np.int64))
    row = message_table({"it": told}, truth, asked, Draws.of(1, seed=0))["it"]
    assert row["messages"] == 2
    assert row["messages_per_country_year"]["value"] == pytest.approx(2.0, abs=0.01)


def test_of_subdivisions_those_of_the_busiest_countries_are_judged() -> None:
    lethal = np.zeros((130, 24), np.int64)
    lethal[70, :22:2] = range(1, 12)  # of the first subdivision of eleven countries of twelve
    at = EvaluatedWeeks(np.ones((52, 24), np.bool_), PAST, np.arange(24) // 2, 12)
    judged = _in_busiest(Emergencies.of(lethal), at)
    assert judged.tolist() == [False, False, *[True] * 20, False, False]


def test_a_rise_is_told_as_the_rule_says() -> None:
    series = np.array([[0.01, 0.03, 0.03, 0.01, 0.03, 0.05, NO, NO, 0.3]]).T
    rise = Rise(floor=0.02, factor=2, weeks=2, again_after=4, again_factor=1.5)
    loud = np.zeros(series.shape, np.bool_)
    assert np.flatnonzero(risen(series, loud, rise)[:, 0]).tolist() == [1, 5, 8]
    assert np.flatnonzero(risen(series[:8], loud[:8], rise)[:, 0]).tolist() == [1, 5]
    patient = Rise(floor=0.02, factor=2, weeks=4, again_after=4, again_factor=1.5)
    assert np.flatnonzero(risen(series, loud, patient)[:, 0]).tolist() == [1, 5, 8]


def test_quiet_regions_are_compared_with_each_other() -> None:
    series = np.full((6, LEAST_QUIET + 1), 0.01)
    series[:, 0], series[:, 1], series[:, 2] = 0.04, 0.02, 0.5
    quiet = np.ones(series.shape, np.bool_)
    quiet[:, 2] = False
    rise = Rise(0.015, 9, 4, 4, 1.5, quiet=QuietRise(times=3, again_after=4))
    told = risen(series, quiet, rise)
    assert np.argwhere(told).tolist() == [[0, 0], [0, 2], [4, 0]]
    # Of fewer no mean is taken: a rise alone counts then.
    quiet[:, 3] = False
    assert np.argwhere(risen(series, quiet, rise)).tolist() == [[0, 2]]


def test_a_threshold_speaks_again_once_the_score_was_clearly_below() -> None:
    series = np.array([[0.1, 0.0, 0.1, *[0.0] * 6, 0.1, 0.1, *[0.085] * 9, 0.1]]).T
    assert np.flatnonzero(crossed(series, 0.1)[:, 0]).tolist() == [0, 9]


def test_the_table_is_said_in_texts() -> None:
    row = figures([20], lethal_in([80]))
    ((name, *cells),) = table_rows({"it": row})
    assert (name, cells) == ("it", ["0.87", "0.00", "100%", "100%", "–", "–", "0"])
    row["onset"]["told_before"] = {"value": 0.126, "low": 0.0, "high": 0.2}
    row["for_nothing_per_country_year"] = {"value": 0.2, "low": 0.0, "high": 0.4}
    ((_, *cells),) = table_rows({"it": row})
    assert (cells[1], cells[2]) == ("0.20 (0.00–0.40)", "13% (0–20)")
    assert len(cells) == len(HEADS)
    *_, first, second = table_lines({"it": row})
    assert first == "  it: 0.87 messages, 0.20 (0.00–0.40) for nothing"
    assert second == "      onsets 13% (0–20) and 100%; surges – and –; median lead 0 weeks"
