"""Tests of rules of a kind that a package brings."""

from dataclasses import replace
from typing import ClassVar

import pytest

from ewarn.alerting.conditions import is_above, is_below
from ewarn.alerting.decide import decide
from ewarn.alerting.explain import unmet
from ewarn.domain.alert import Alert
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Basis
from ewarn.errors import SettingsError
from ewarn.files.fields import Amount
from ewarn.languages.alert_reasons import MEETS, MEETS_NO_LONGER
from ewarn.rulebook.rule_kinds import RuleKind
from ewarn.rulebook.rules import read_rules, rule_hash, rule_text
from ewarn.run.contracts.rule_kinds import check_rule_kind
from tests.packages import Brought, brought
from tests.scores import moment, score

__all__ = ["brought"]
STEM = "- {id: one, target: force, level: admin1, horizon_weeks: 4, condition: {kind: theirs"
RULE = STEM + ", times: 2}}\n"


class Many(RuleKind):
    """So many times the bound; of a score with a probability, so many times a tenth."""

    kind: ClassVar[str] = "theirs"
    times: Amount

    @property
    def words(self) -> str:
        return f"{self.times:g} times what is usual"

    def is_above(self, score: Score) -> bool:
        if score.probability is not None:
            return score.probability >= self.times / 10
        return (score.observed or 0) > self.times * (score.upper or 0)

    def is_below(self, score: Score) -> bool:
        return not self.is_above(score)


class Always(Many):
    """One that would take silence for anything."""

    def is_above(self, score: Score) -> bool:
        return True

    def is_below(self, score: Score) -> bool:
        return True


def play(rule: Rule, *series: Score) -> list[tuple[str, str]]:
    """The kind of each change and its reason."""
    alerts: dict[str, Alert] = {}
    told: list[tuple[str, str]] = []
    for week, one in enumerate(series):
        for change in decide([one], alerts.values(), [rule], moment(week)):
            alerts[change.alert.id] = change.alert
            told += [(change.kind.value, change.reason)] if change.kind else []
    return told


def test_its_alert_opens_and_closes_as_its_condition_says(brought: Brought) -> None:
    brought(rule_kinds=Many)
    (rule,) = read_rules(RULE)
    assert rule.condition is not None
    check_rule_kind(rule.condition)
    series = [score(value, week) for week, value in enumerate((0.19, 0.2, 0.1, 0.1))]
    opened, _, closed = play(rule, *series)
    assert opened == ("opened", "probability 0.200, which is 2 times what is usual, for 1 week")
    said = "probability 0.100, which is no longer 2 times what is usual, for 2 weeks"
    assert closed == ("closed", said)
    assert MEETS.read(opened[1]) == {
        "level": "probability 0.200", "words": "2 times what is usual", "periods": "1 week"
    }  # fmt: skip
    assert MEETS.read(said) is None or MEETS_NO_LONGER.read(said)
    assert unmet(rule, series[0], None, None) == ["the score is not 2 times what is usual"]


def test_silence_meets_nothing_and_a_probability_that_may_not_fire_is_not_heard(
    brought: Brought,
) -> None:
    brought(rule_kinds=Many)
    (rule,) = read_rules(RULE)
    bound = replace(rule, detector=True)
    provisional = score(0.9, basis=Basis.PROVISIONAL)
    assert play(rule, provisional) == []
    assert play(bound, provisional) == [], "its count is usual, and that is all that is heard"
    assert play(bound, score(None, observed=7))[0][0] == "opened"

    always = replace(rule, condition=Always.model_validate({"times": "2"}))
    for one, known in ((always, score(0.1)), (replace(always, detector=True), score(None))):
        assert (is_above(one, known), is_below(one, known)) == (True, True)
        blind = replace(known, probability=None, observed=None)
        assert (is_above(one, blind), is_below(one, blind)) == (False, False)


def test_what_it_says_is_part_of_the_rule(brought: Brought) -> None:
    brought(rule_kinds=Many)
    (rule,), (other,) = read_rules(RULE), read_rules(RULE.replace("2", "3"))
    assert "condition: {kind: theirs, times: 2.0}" in rule_text(rule)
    assert rule_hash(rule) != rule_hash(other)
    assert read_rules("- " + rule_text(rule).replace("\n", "\n  ").rstrip()) == (rule,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STEM + ", times: 0}}", "line 1: 'times' must be a number greater than 0"),
        (STEM + ", time: 2}}", "line 1: 'time' is not a field here; did you mean 'times'?"),
        (STEM.replace("theirs", "ours") + "}}", "'kind' must name a kind of rule; the kinds here"),
        (STEM.replace("theirs", "[theirs]") + "}}", "'kind' must name a kind of rule"),
        (STEM.replace("{kind: theirs", "[]}"), "a mapping of names to values is expected here"),
        (STEM + ", times: 2}, raise_at: 0.1}", "a rule with a 'condition' has no 'raise_at'"),
    ],
)
def test_what_is_wrong_with_it_is_said_with_its_line(
    brought: Brought, text: str, said: str
) -> None:
    brought(rule_kinds=Many)
    with pytest.raises(SettingsError, match=r"rules\.yaml, line 1: ") as caught:
        read_rules(text)
    assert said in str(caught.value)


def test_without_its_package_the_kinds_that_there_are_are_named() -> None:
    with pytest.raises(SettingsError, match="none: install the package that brings it"):
        read_rules(RULE)


class Faulty(Many):
    """One that raises an error, or does not answer with True or False."""

    raises: bool = False

    def is_above(self, score: Score) -> bool:
        if self.raises:
            raise ValueError("of a package")
        return "False"  # type: ignore[return-value]

    def is_below(self, score: Score) -> bool:
        return self.is_above(score)


@pytest.mark.parametrize("raises", ["true", "false"])
def test_a_condition_that_fails_stops_no_other_rule(brought: Brought, raises: str) -> None:
    brought(rule_kinds=Faulty)
    other = RULE.partition(", condition")[0].replace("one", "two")
    other += ", raise_at: 0.1, close_below: 0.05}\n"
    rules = read_rules(STEM + f", times: 2, raises: {raises}}}}}\n" + other)
    changes = decide([score(0.5)], [], rules, moment(0))
    assert [change.alert.rule for change in changes] == ["two"]
    assert not is_below(rules[0], score(0.5))
    with pytest.raises((ValueError, AssertionError)):
        check_rule_kind(Faulty(times=2, raises=raises == "true"))
