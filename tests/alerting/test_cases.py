"""Tests that `decide` does what each line of `cases.md` says."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest

from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, AlertState
from ewarn.domain.rule import NEVER, QuietRise, Rise
from ewarn.domain.target import Band, Target
from tests.scores import moment, origin, rule, score

NOW = 10
SCORES = {
    "uncalibrated": None,
    "low": 0.01,
    "below the closing threshold": 0.099,
    "between the thresholds": 0.15,
    "at the raising threshold": 0.2,
    "high": 0.25,
    "critical": 0.45,
}
RISE = Rise(floor=0.05, factor=2, weeks=4, again_after=6, again_factor=1.5)
RULES: dict[str, Callable[[int], dict[str, Any]]] = {
    r"listens to rises()": lambda _: {"rise": RISE},
    r"listens to quiet regions()": lambda _: {
        "rise": replace(RISE, quiet=QuietRise(times=3, again_after=3))
    },
    r"listens to rises alone()": lambda _: {"rise": RISE, "raise_at": NEVER},
    r"opens after (\d) weeks": lambda weeks: {"hold_for": weeks},
    r"keeps for (\d) weeks": lambda weeks: {"keep_for": weeks},
    r"no cool-down()": lambda _: {"cool_down": 0},
    r"is of another horizon()": lambda _: {"horizon_weeks": 8},
}


def _lines() -> Iterator[tuple[str, ...]]:
    text = (files("ewarn.alerting") / "cases.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("|")][2:]
    for line in table:
        yield tuple(cell.strip() for cell in line.strip("|").split("|"))


def _alert(words: str) -> Alert | None:
    """Return the alert that a cell of the first column describes, as it was a week ago."""
    if words == "no alert":
        return None
    state, *more = words.split(", ")
    ago = re.fullmatch(r"(?:closed|withdrawn) (?:(\d) weeks? ago|this week)", state)
    held = re.fullmatch(r"pending since (\d) weeks?", state)
    values: dict[str, Any] = {
        "id": "a1",
        "rule": rule().id,
        "region": "TG-M",
        "country": "TGO",
        "target": Target.FORCE,
        "horizon_weeks": 4,
        "state": AlertState.CLOSED if ago else AlertState(state.split(" ", 1)[0]),
        "band": Band.HIGH,
        "highest": Band.HIGH,
        "probability": 0.25,
        "opened_on": None if held else origin(0),
        "closed_on": None,
        "last_origin": origin(NOW - 1),
        "warned_on": None if held else origin(NOW - 2),
        "warned_at": None if held else 0.25,
    }
    if ago:
        closed = NOW - int(ago[1] or 0)
        ended = None if state.startswith("withdrawn") else origin(closed)
        values |= {"closed_on": ended, "last_origin": origin(closed)}
    if held:
        values["periods_above"] = int(held[1])
    for word in more:
        values |= _detail(word)
    return Alert(**values)


def _before(words: str) -> list[Alert]:
    """Return the alerts that a cell of the first column describes."""
    first = _alert(words.removesuffix(", withdrawn since"))
    if first is None:
        return []
    if not words.endswith("withdrawn since"):
        return [first]
    gone = replace(first, id="a2", opened_on=None, closed_on=None, last_origin=origin(NOW - 1))
    return [first, gone]


def _detail(word: str) -> dict[str, Any]:
    if word == "stale":
        return {"stale": True}
    if word in ("high", "critical"):
        return {"band": Band(word), "highest": Band(word)}
    if word == "once critical":
        return {"highest": Band.CRITICAL}
    if word == "a situation":
        return {"situation": True}
    if found := re.fullmatch(r"warned (\d) weeks ago", word):
        return {"warned_on": origin(NOW - int(found[1]))}
    found = re.fullmatch(r"(below|lower) since (\d) weeks?", word)
    assert found is not None, word
    weeks = int(found[2])
    return {"periods_lower": weeks} | ({"periods_below": weeks} if found[1] == "below" else {})


def _rule(words: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for word in filter(None, words.split(", ")):
        matches = ((re.fullmatch(pattern, word), values) for pattern, values in RULES.items())
        said |= next(values(int(match[1] or 0)) for match, values in matches if match)
    return said


def test_there_are_cases() -> None:
    assert len(list(_lines())) > 30
    assert len({line[:3] for line in _lines()}) == len(list(_lines()))


@pytest.mark.parametrize("line", list(_lines()), ids=lambda line: ": ".join(filter(None, line[:3])))
def test_it_is_as_the_table_says(line: tuple[str, ...]) -> None:
    before, of_rule, seen, after, changes = line
    alerts = _before(before)
    words, _, more = seen.partition(", ")
    past = (SCORES[words] or 0) / (2 if "up" in more else 1)
    risk = (3 if "risky" in more else 2) if more.startswith("quiet") else None
    seen_last = None if more == "week not observed" else 1
    interim = more.endswith("so far")
    known = moment(NOW) + timedelta(days=1 if interim else 0)
    said: dict[str, Any] = {
        "observed": seen_last,
        "before": (past,) * 4,
        "as_of": known,
        "interim": interim,
        "relative_risk": risk,
    }
    one = score(SCORES[words], NOW, **said)
    rules = [] if of_rule == "is gone" else [rule(**_rule(of_rule))]
    made = decide([one], alerts, rules, moment(NOW))
    last = made[-1].alert if made else next(iter(alerts), None)
    standing = "no alert" if last is None else last.state.value
    assert standing + (", stale" if last and last.stale else "") == after
    assert ", ".join(change.kind.value for change in made if change.kind) == changes
    assert all(change.reason for change in made)
