"""The demonstration: its promises, on the whole replay up to the end of 2017."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.run.conftest import Command

TOGO = ("TGO", "TG-C", "TG-K", "TG-M", "TG-P", "TG-S")


@pytest.fixture
def replayed(ewarn: Command) -> dict[str, Any]:
    ran = ewarn("demo", "--exit", "--json")
    assert ran.code == 0
    assert ran.out.count("\n") == 1
    result: dict[str, Any] = json.loads(ran.out)
    return result


def test_the_story_is_told_and_the_rules_are_sober(
    ewarn: Command, replayed: dict[str, Any]
) -> None:
    alerts = replayed["alerts"]
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
    assert replayed["notice"].startswith("illustration: parameters from another source")
    assert replayed["replayed"] is True
    (deployment,) = replayed["deployments"]
    assert (deployment["country"], deployment["stage"]) == ("TGO", "deployed")
    assert (deployment["deployed_on"], deployment["effect"]) == ("2017-12-04", None)
    assert deployment["notice"].startswith("Illustration. Documented: ")
    _a_second_start_replays_nothing(ewarn, alerts)


def _a_second_start_replays_nothing(ewarn: Command, alerts: list[dict[str, Any]]) -> None:
    again = ewarn("demo", "--exit", "--json")
    told = json.loads(again.out)
    assert (told["replayed"], told["alerts"]) == (False, alerts)
    shown = ewarn("demo", "--exit")
    assert "Togo 2017: alerts, and what the chronicle held" in shown.out
    assert all(len(line) < 200 for line in shown.out.splitlines())
    assert "Security forces fire on the march" in shown.out
    assert "2017-11-20  consented" in shown.out
    assert "Invented: the day of each step" in shown.out
    assert "illustration: parameters from another source" in shown.out.lower()


def test_alerts_are_printed_as_they_open_with_the_notification_they_cause(
    ewarn: Command,
) -> None:
    ran = ewarn("demo", "--until", "2014-11-10", "--exit")
    assert ran.code == 0
    lines = ran.out.splitlines()
    opened = next(line for line in lines if line.startswith("2014-11-03  Burkina Faso: opened"))
    assert "lethal force against demonstrators" in opened
    assert "because: " in opened
    told = "log → geneva: [illustration] 2 alerts: Burkina Faso critical (alert opened)"
    assert any(line.strip().startswith(told) for line in lines)


def test_the_demonstration_leaves_the_live_store_alone(ewarn: Command, tmp_path: Path) -> None:
    ewarn("demo", "--until", "2014-01-20", "--exit", "--json")
    assert sorted(path.name for path in (tmp_path / "data").glob("*.db")) == ["demo-2014-01-20.db"]
    assert json.loads(ewarn("status", "--json").out)["newest_origin"] is None
