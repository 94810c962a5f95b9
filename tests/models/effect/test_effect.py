"""Tests of effects of deployments: intervals cover known ones, unknowable ones are refused."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.deployments import WEEKS_BEFORE, study
from ewarn.domain.effect import Effect, Study, Verdict
from models.effect.effect import estimate
from models.effect.interrupted import log_change, placebos_in_time

HALVED = math.log(0.5)


def _holds(found: Effect, effect: float) -> bool:
    return found.estimates[0].low <= math.exp(effect) <= found.estimates[0].high


@pytest.mark.parametrize(("effect", "donors"), [(0.0, 0), (HALVED, 0), (0.0, 6), (HALVED, 6)])
def test_the_interval_holds_the_known_effect(effect: float, donors: int) -> None:
    found = [estimate(study(seed, effect=effect, donors=donors)) for seed in range(60)]
    answered = [each for each in found if each.estimates]
    assert len(answered) > 45
    share = np.mean([_holds(each, effect) for each in answered])
    assert share >= 0.9 - 2 * math.sqrt(0.09 / len(answered))


def test_a_strong_effect_is_seen_and_none_is_chance() -> None:
    strong = [estimate(study(seed, effect=math.log(0.15), donors=6)).verdict for seed in range(15)]
    none = [estimate(study(seed, donors=6)).verdict for seed in range(15)]
    more = [estimate(study(seed, effect=math.log(6), donors=6)).verdict for seed in range(15)]
    assert strong.count(Verdict.FEWER) >= 13
    assert more.count(Verdict.MORE) >= 13
    assert none.count(Verdict.CHANCE) >= 12


def test_donors_tell_a_common_fall_from_an_effect() -> None:
    asked = study(3, donors=8, shared=0.0, own=0.1)

    def fallen(counts: tuple[int | None, ...]) -> tuple[int | None, ...]:
        during = (None if count is None else count // 4 for count in counts[WEEKS_BEFORE:])
        return (*counts[:WEEKS_BEFORE], *during)

    everywhere = replace(
        asked,
        counts=fallen(asked.counts),
        donors={name: fallen(each) for name, each in asked.donors.items()},
    )
    assert estimate(replace(everywhere, donors={})).verdict is Verdict.FEWER
    compared = estimate(everywhere)
    assert compared.verdict is Verdict.CHANCE
    assert [each.method for each in compared.estimates] == [
        "synthetic control",
        "interrupted time series",
    ]
    assert sum(compared.weights.values()) == pytest.approx(1)
    assert min(compared.weights.values()) >= 0


def test_inputs_and_donors_are_in_the_answer_and_their_order_changes_nothing() -> None:
    asked = study(5, donors=6)
    found = estimate(asked)
    assert found.study is asked
    turned = replace(
        asked, donors={name: asked.donors[name] for name in reversed(list(asked.donors))}
    )
    assert estimate(turned).estimates == found.estimates


def _hindsight(asked: Study) -> Study:
    return replace(asked, in_hindsight=True)


def _unseen_before(asked: Study) -> Study:
    return replace(asked, counts=(*[None] * 110, *asked.counts[110:]))


def _unseen_during(asked: Study) -> Study:
    return replace(asked, counts=(*asked.counts[:-10], *[None] * 10))


def _sparse(asked: Study) -> Study:
    counts = tuple(1 if week % 40 == 0 else 0 for week in range(len(asked.counts)))
    return replace(asked, counts=counts)


def _after_a_rise(asked: Study) -> Study:
    counts = list(asked.counts)
    counts[WEEKS_BEFORE - 8 : WEEKS_BEFORE] = [80] * 8
    return replace(asked, counts=tuple(counts))


def _with_talks(asked: Study) -> Study:
    talks = (*asked.talks[:-10], *[1] * 10)
    return replace(asked, talks=talks)


def _short(asked: Study) -> Study:
    first = asked.first_week + (asked.start - asked.first_week) * 2 // 3
    skipped = (first - asked.first_week).days // 7
    return replace(
        asked, first_week=first, counts=asked.counts[skipped:], talks=asked.talks[skipped:]
    )


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (_hindsight, "compiled by hand by people who knew what came later"),
        (_unseen_before, "Only 46 of the 156 weeks before the deployment were observed"),
        (_unseen_during, "Only 7 of the 17 weeks of the deployment were observed"),
        (_sparse, "0.4 events of force would be expected"),
        (_after_a_rise, "followed a rise in its last 8 weeks"),
        (_with_talks, "coincides with 10 events of dialogue"),
        (_short, "holds only 1 periods of the deployment's length"),
        (lambda asked: replace(asked, share_in=0.83), "About 83% of the reports"),
        (lambda asked: replace(asked, share_in=None), "nobody knows how many"),
    ],
)
def test_what_cannot_be_known_is_not_claimed(spoilt: Callable[[Study], Study], reason: str) -> None:
    asked = study(2, donors=0)
    assert estimate(asked).verdict is not Verdict.NOT_IDENTIFIABLE
    found = estimate(spoilt(asked))
    assert found.verdict is Verdict.NOT_IDENTIFIABLE
    assert any(reason in sentence for sentence in found.reasons), found.reasons
    assert found.estimates == ()


def test_too_few_donors_are_said_and_not_used() -> None:
    found = estimate(study(2, donors=3))
    assert found.cautions == (
        "Only 3 of 3 donors can be used, fewer than 5: no synthetic control was made.",
    )
    assert [each.method for each in found.estimates] == ["interrupted time series"]


def test_placebos_are_the_change_at_earlier_weeks() -> None:
    before = np.random.default_rng(1).poisson(3.0, 60).astype(float)
    before[[5, 40]] = np.nan
    expected = [log_change(before[:start], before[start : start + 9]) for start in range(26, 52)]
    assert placebos_in_time(before, 9) == pytest.approx(expected)


def test_a_deployment_without_any_event_is_answered() -> None:
    asked = study(2, donors=6)
    silent = (*asked.counts[:WEEKS_BEFORE], *[0] * (len(asked.counts) - WEEKS_BEFORE))
    found = estimate(replace(asked, counts=silent))
    assert found.verdict is Verdict.FEWER
    assert all(0 < each.low < each.high < 1 for each in found.estimates)
