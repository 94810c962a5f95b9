"""The demonstration: its promises, on the whole replay up to the end of 2017."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.run.conftest import Command

TOGO = ("TGO", "TG-C", "TG-K", "TG-M", "TG-P", "TG-S")


@dataclass(frozen=True)
class Replayed:
    """What the replay said while it went, and what it left, which the next start reports."""

    said: str
    left: dict[str, Any]


@pytest.fixture
def replayed(ewarn: Command) -> Replayed:
    ran = ewarn("demo", "--exit")
    assert ran.code == 0
    again = ewarn("demo", "--exit", "--json")
    assert again.out.count("\n") == 1
    left = json.loads(again.out)
    assert left["replayed"] is False
    return Replayed(ran.out, left)


def test_the_story_is_told_and_the_rules_are_sober(ewarn: Command, replayed: Replayed) -> None:
    alerts = replayed.left["alerts"]
    rising = [
        day
        for alert in alerts
        if alert["region"] in TOGO
        for day in [alert["opened_on"], *alert["raised_on"]]
    ]
    assert any("2017-08-19" <= day <= "2017-10-15" for day in rising)
    opened_2016 = [a for a in alerts if a["region"] in TOGO and a["opened_on"][:4] == "2016"]
    assert len(opened_2016) <= 2
    openings = Counter((alert["region"], alert["target"]) for alert in alerts)
    assert max(openings.values()) <= 6
    assert all(alert["opened_on"] <= "2017-12-31" for alert in alerts)
    assert replayed.left["notice"].startswith("illustration: parameters from another source")
    (deployment,) = replayed.left["deployments"]
    assert (deployment["country"], deployment["stage"]) == ("TGO", "deployed")
    assert (deployment["deployed_on"], deployment["effect"]) == ("2017-12-04", None)
    assert deployment["notice"].startswith("Illustration. Documented: ")
    _alerts_are_printed_as_they_open_with_the_notification_they_cause(replayed.said)
    _the_story_is_shown(replayed.said)
    _the_story_is_shown(ewarn("demo", "--exit").out)


def _alerts_are_printed_as_they_open_with_the_notification_they_cause(said: str) -> None:
    lines = said.splitlines()
    opened = next(line for line in lines if line.startswith("2014-11-03  Burkina Faso: opened"))
    assert "lethal force against demonstrators" in opened
    assert "because: " in opened
    told = "log → geneva: [illustration] 2 alerts: Burkina Faso critical (alert opened)"
    assert any(line.strip().startswith(told) for line in lines)


def _the_story_is_shown(said: str) -> None:
    """At the end of the replay, and again at each later start."""
    report = said[said.index("Togo 2017: alerts, and what the chronicle held") :]
    assert all(len(line) < 200 for line in report.splitlines())
    assert "Security forces fire on the march" in report
    assert "2017-11-20  consented" in report
    assert "Invented: the day of each step" in report
    assert "illustration: parameters from another source" in said.lower()


def test_the_demonstration_leaves_the_live_store_alone(ewarn: Command, tmp_path: Path) -> None:
    told = json.loads(ewarn("demo", "--until", "2014-01-20", "--exit", "--json").out)
    assert told["replayed"] is True
    assert sorted(path.name for path in (tmp_path / "data").glob("*.db")) == ["demo-2014-01-20.db"]
    assert json.loads(ewarn("status", "--json").out)["newest_origin"] is None
