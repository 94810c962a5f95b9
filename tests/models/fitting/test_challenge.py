"""Tests of promotion tests: the same rows for all, nothing from the future, gaps are no outcome."""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Self

import numpy as np
import pytest

from ewarn.domain.fit import Assignment, Fit, Purpose, Trial, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.rule import QuietRise, Rise
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from models.baselines.base_rate import BaseRate
from models.baselines.plain_logistic import PlainLogistic
from models.ensemble.ensemble import Ensemble
from models.ensemble.kind import ENSEMBLE, ensemble_for
from models.ensemble.members import Member
from models.fitting import promotion_test as trials
from models.fitting.challenge import Challenge, verdict
from models.fitting.fit_card import ONSETS
from models.fitting.promotion_test import (
    first_judged,
    origins_of,
    stretches_of,
    training_set_of,
)
from models.inputs.inputs import Inputs
from models.inputs.targets import KINDS as SIGNALS
from models.judging.backtest.candidates import BASELINES
from models.registry import KINDS
from models.training.fitted_kind import FittedKind, Learner
from models.training.rows import Rows

SOURCE = "gdelt"
FIRST = date(2014, 1, 6)
WEEKS = 220
REGIONS = tuple(f"C{i:02d}" for i in range(20))
PURPOSE = Purpose(SOURCE, Target.FORCE, Level.COUNTRY, 4)
END = FIRST + (WEEKS - 26) * WEEK


@dataclass
class Past:
    """A history in which everything was known at once; it notes what it was asked for."""

    panel: Panel
    asked: list[date] = field(default_factory=list)

    def as_known(self, origin: datetime) -> Panel:
        self.asked.append(origin.date())
        return self.panel.until(origin.date()).recent(170)

    def final(self) -> Panel:
        return self.panel


# Intervals are not what is tried here.
QUICK = replace(ENSEMBLE, unfitted=partial(ensemble_for, replicates=2))
CHALLENGE = Challenge({QUICK.name: QUICK})


@pytest.fixture
def past() -> Past:
    return restless_past()


def restless_past() -> Past:
    """Twenty countries, some restless: arrests one week, force the next. Nothing happened."""
    random = np.random.default_rng(7)
    counts = random.poisson(0.02, (WEEKS, len(REGIONS), len(SIGNALS))).astype(np.int32)
    counts[:, :8, 2] += random.poisson(0.2, (WEEKS, 8)).astype(np.int32)
    counts[1:, :, 3] += (counts[:-1, :, 2] > 0) * random.binomial(1, 0.5, (WEEKS - 1, 20))
    signals = tuple(f"{SOURCE}:{kind}" for kind in SIGNALS)
    return Past(Panel(FIRST, REGIONS, signals, {}, counts, np.ones(counts.shape, dtype=np.bool_)))


def task(labels_before: date = END) -> Assignment:
    as_of = midnight(labels_before + 26 * WEEK)
    return Assignment(PURPOSE, FIRST, labels_before, as_of, "invented", "CC0", {})


def tried(past: Past, labels_before: date = END, champion: Ensemble | None = None) -> Trial:
    return CHALLENGE.challenge(past, task(labels_before), champion)


def fit_of(trial: Trial) -> Fit:
    return Fit(
        7, trial.name, trial.version, PURPOSE, trial.document, sha256_of(trial.document),
        FIRST, END, midnight(END), midnight(END),
    )  # fmt: skip


def restored(trial: Trial) -> Ensemble:
    model = CHALLENGE.restored(fit_of(trial))
    assert isinstance(model, Ensemble)
    return model


def figures(**others: tuple[float, float]) -> dict[str, dict[str, float | None]]:
    """Log scores and Brier scores; what is not named is beaten."""
    every = dict.fromkeys(BASELINES, (-0.3, 0.2))
    return {
        name: {"log_score": log, "brier": brier}
        for name, (log, brier) in (every | {"ensemble": (-0.2, 0.1)} | others).items()
    }


@pytest.mark.parametrize(
    ("others", "wins", "unbeaten"),
    [
        ({}, True, ""),
        ({"champion": (-0.3, 0.2)}, True, ""),
        ({"champion": (-0.1, 0.2)}, False, "does not beat champion ("),
        ({"champion": (-0.3, 0.05)}, False, "does not beat champion ("),
        ({"champion": (-0.2, 0.1)}, False, "does not beat champion ("),
        *(({name: (-0.1, 0.2)}, False, f"does not beat {name} (") for name in BASELINES),
    ],
)
def test_a_challenger_must_beat_everyone_by_both_scores(
    others: dict[str, tuple[float, float]], wins: bool, unbeaten: str
) -> None:
    found, reason = verdict(figures(**others), 300, PURPOSE, "ensemble")
    assert found is wins
    assert unbeaten in reason
    assert reason.startswith("the challenger" if wins else "the champion stays: ")


def test_below_three_hundred_outcomes_no_challenger_wins() -> None:
    wins, reason = verdict(figures(), 299, PURPOSE, "ensemble")
    assert not wins
    assert "299 matured outcomes of its own; a probability needs 300" in reason


def test_all_are_judged_on_the_same_rows_and_nothing_later_is_asked_for(past: Past) -> None:
    trial = tried(past)
    judged = (END - 4 * WEEK - judged_from()).days // 7 + 1
    assert set(trial.figures) == {"ensemble", *BASELINES}
    assert {each["rows"] for each in trial.figures.values()} == {20 * judged}
    assert max(past.asked) == END - 4 * WEEK


@pytest.mark.parametrize(
    ("last", "number", "longest"),
    [
        (date(2014, 1, 6), 1, 1),
        (date(2015, 12, 28), 2, 52),
        (date(2019, 12, 23), 6, 52),
        (date(2026, 4, 6), 6, 107),
    ],
)
def test_a_trial_refits_every_year_and_six_times_at_most(
    last: date, number: int, longest: int
) -> None:
    found = stretches_of(date(2014, 1, 6), last)
    weeks = [(end - start).days // 7 + 1 for start, end in found]
    assert (len(found), max(weeks)) == (number, longest)
    assert all(end + WEEK == start for (_, end), (start, _) in pairwise(found))
    assert (found[0][0], found[-1][1]) == (date(2014, 1, 6), last)


def test_the_card_says_how_often_a_trial_refitted(past: Past) -> None:
    said = json.loads(tried(past).document)["card"]["development"]["origins"]
    assert said == (
        f"weekly from {judged_from()}, refitted before each stretch of 52 weeks "
        "(2 in all, the last may be shorter), out of sample"
    )


def judged_from() -> date:
    """Where no champion is: halfway through the origins that can be learned from."""
    origins = (END - 4 * WEEK - FIRST).days // 7 - 52 + 1
    return FIRST + (52 + origins // 2) * WEEK


def test_the_card_says_what_messages_would_have_been_worth(past: Past) -> None:
    rise = Rise(0.015, 1.7, 5, 8, 1.5, quiet=QuietRise(3.5, 13))
    made = CHALLENGE.challenge(past, replace(task(), rise=rise), None)
    told = json.loads(made.document)["card"]["development"]["messages"]
    assert told["rise"]["quiet"] == {"times": 3.5, "again_after": 13}
    assert {"ensemble, the rule", "plain-logistic, at 0.05", "hdx-medium, floor 1"} <= set(
        told["table"]
    )
    row = told["table"]["ensemble, the rule"]
    assert row["messages"] > 0
    assert row["messages_per_country_year"]["low"] is not None
    assert row["onset"]["number"] > 0


def test_a_fit_is_made_again_to_the_letter_whatever_comes_after_its_labels(past: Past) -> None:
    before = tried(past)
    last = (END - FIRST).days // 7
    past.panel.counts[last:] = 50
    assert tried(past).document == before.document


def test_the_rolling_fits_know_nothing_of_what_they_are_judged_on(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[tuple[int, int]] = []
    original = trials._columns

    def watched(purpose, known, ahead, kinds, champion):  # type: ignore[no-untyped-def]
        learned.append((int(known.week.max()), int(ahead.week.min())))
        return original(purpose, known, ahead, kinds, champion)

    monkeypatch.setattr(trials, "_columns", watched)
    tried(past)
    assert len(learned) > 1
    assert all(known + 4 <= judged for known, judged in learned)


@dataclass
class Late(Past):
    """A past of which some was told at the very end only."""

    told: Panel | None = None

    def final(self) -> Panel:
        return self.told or self.panel


def test_the_rolling_fits_know_no_outcome_that_was_told_later(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[Rows] = []

    def asked(purpose, known, ahead, kinds, champion):  # type: ignore[no-untyped-def]
        learned.append(known)
        return {"ensemble": np.full(len(ahead.label), 0.1)}

    monkeypatch.setattr(trials, "_columns", asked)
    counts = past.panel.counts.copy()
    counts[60:100, 12:18, 3] += np.random.default_rng(2).binomial(1, 0.3, (40, 6)).astype(np.int32)
    late = Late(past.panel, told=replace(past.panel, counts=counts))
    origins = origins_of(task())
    stretches = stretches_of(first_judged(None, origins), origins[-1])
    at_the_end = []
    for history in (past, late):
        training_set = training_set_of(history, task(), history.final(), stretches)
        trials.rolling(history, task(), history.final(), training_set, stretches, [QUICK], None)
        at_the_end.append(int(training_set.known_at_the_end().label.sum()))
    assert at_the_end[1] > at_the_end[0] + 20, "a fit that serves learns from all of it"
    of_one, of_other = learned[: len(stretches)], learned[len(stretches) :]
    for one, other in zip(of_one, of_other, strict=True):
        assert len(one.label) > 100
        assert other.label.tolist() == one.label.tolist()


def test_a_week_nobody_saw_is_no_outcome(past: Past) -> None:
    rows = tried(past).figures["ensemble"]["rows"] or 0
    last = (END - FIRST).days // 7
    past.panel.observed[last - 2 : last, 5:] = False
    past.panel.counts[last - 2 : last, 5:] = 0
    fewer = tried(past).figures["ensemble"]["rows"]
    assert fewer == rows - 2 * 15, "two origins in fifteen countries, whatever was seen of them"


def test_rows_are_not_chosen_by_what_came(past: Past) -> None:
    unseen = np.random.default_rng(1).random(past.panel.counts.shape[:2]) < 0.3
    whole = training_set_of(past, task(), past.panel, []).known_at_the_end()
    past.panel.counts[unseen], past.panel.observed[unseen] = 0, False
    rows = training_set_of(past, task(), past.panel, []).known_at_the_end()
    assert 0.15 < len(rows.label) / len(whole.label) < 0.35, "0.7 to the fourth is 0.24"
    assert rows.label.mean() == pytest.approx(whole.label.mean(), abs=0.05)


def test_a_champion_is_asked_only_about_origins_after_those_it_learned_from(past: Past) -> None:
    middle = FIRST + 140 * WEEK
    champion = restored(tried(past, middle))
    past.asked.clear()
    trial = tried(past, END, champion)
    assert "champion" in trial.figures
    weeks = (END - 4 * WEEK - middle).days // 7 + 1
    assert trial.figures["champion"]["rows"] == 20 * weeks
    with pytest.raises(ModelError, match=r"outcomes have matured .* a promotion test needs 20"):
        tried(past, middle + 4 * WEEK, champion)


def test_the_test_years_are_not_looked_at(past: Past) -> None:
    ours = replace(task(), purpose=replace(PURPOSE, source="mass-mobilization"))
    with pytest.raises(ModelError, match="2005-01-01 to 2019-12-31 are the test"):
        CHALLENGE.challenge(past, ours, None)
    assert past.asked == [], "nothing was looked at"
    trials.refuse_test_years(task(), date(2005, 1, 3), date(2019, 12, 30))
    trials.refuse_test_years(ours, date(1998, 1, 5), date(2004, 12, 27))
    trials.refuse_test_years(ours, date(2020, 1, 6), date(2026, 1, 5))
    for first, last in ((1998, 2005), (2019, 2026), (1998, 2026)):
        with pytest.raises(ModelError, match="are the test years"):
            trials.refuse_test_years(ours, date(first, 6, 1), date(last, 6, 1))


def test_what_is_restored_gives_what_was_fitted(past: Past) -> None:
    trial = tried(past)
    model = restored(trial)
    assert model.version == f"2+{sha256_of(trial.document)[:8]}"
    assert CHALLENGE.card(model)["model"] == f"ensemble@{model.version}"
    assert np.isfinite(model.score(past.as_known(midnight(END))).probability).all()


def test_a_past_that_is_too_short_is_said(past: Past) -> None:
    with pytest.raises(ModelError, match="too short to fit a model; back-fill its past"):
        tried(past, FIRST + timedelta(weeks=50))
    silent = replace(past, panel=replace(past.panel, counts=np.zeros_like(past.panel.counts)))
    with pytest.raises(ModelError, match="0 outcomes have matured"):
        tried(silent)


class Light(Ensemble):
    """A model of another kind, that learns with one member."""

    name = "light"
    member: Member = PlainLogistic()

    def fit_rows(self, rows: Rows) -> Self:
        self.member = self.member.fit(rows.inputs, rows.label, rows.weight)
        self.positives_, self.card_ = int(rows.label.sum()), {}
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        return self.member.probability(inputs)


class Flat(Light):
    name = "flat"
    member = BaseRate()


def kind_of(model: type[Light]) -> FittedKind:
    """What such a model declares; another kind of the same purposes."""

    def unfitted(purpose: Purpose) -> Learner:
        return model(purpose.target, purpose.level, source=purpose.source)

    return replace(
        ENSEMBLE,
        name=model.name,
        unfitted=unfitted,
        sketch=unfitted,
        document=lambda made: {"card": made.card_},
        restore=lambda fit: unfitted(fit.purpose),
        card_lines=lambda _: {"members": ["one"]},
        weaknesses=("It is invented.",),
        learns_across=False,
    )


def test_every_kind_that_is_fitted_is_tried_and_the_best_one_challenges(past: Past) -> None:
    kinds = {model.name: kind_of(model) for model in (Flat, Light)}
    both = Challenge({**kinds, "detector": KINDS["detector"]})
    assert both.purposes("gdelt") == CHALLENGE.purposes("gdelt")
    assert both.purposes("gdelt", "ucdp") == []
    champion = both.restored(fit_of(both.challenge(past, task(FIRST + 140 * WEEK), None)))
    assert champion.name == "flat"
    champion.fit(past, [midnight(FIRST + week * WEEK) for week in range(52, 120)])
    champion.card_ = {"fitted_on": {"labels_before": str(FIRST + 140 * WEEK)}}  # type: ignore[attr-defined]
    trial = both.challenge(past, task(), champion)
    assert set(trial.figures) == {"flat", "light", "champion", *BASELINES}
    assert (trial.name, trial.wins) == ("light", False)
    assert trial.reason.startswith("the champion stays: ")
    card = json.loads(trial.document)["card"]
    assert card["model"] == "light@2"
    assert card["weaknesses"][-2:] == ["It is invented.", ONSETS]
    with pytest.raises(ModelError, match="of the kind 'light', which this version"):
        CHALLENGE.restored(fit_of(trial))
