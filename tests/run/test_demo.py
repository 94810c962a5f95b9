"""Tests of the demonstration, on the whole replay up to the end of 2017."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ewarn.domain.alert import ChangeKind
from ewarn.domain.time import midnight
from ewarn.run import demo
from ewarn.store.alerts import alerts
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries
from ewarn.store.tables.delivery import outbox
from tests.replayed import Replay
from tests.run.conftest import Command

TOGO = ("TGO", "TG-C", "TG-K", "TG-M", "TG-P", "TG-S")


@dataclass(frozen=True)
class Replayed:
    """What the replay said while it went, and what it left, which the next start reports."""

    said: str
    left: dict[str, Any]


@pytest.fixture
def replayed(ewarn: Command, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Replayed:
    monkeypatch.setenv("EWARN_DATA_DIR", str(replay.folder))
    again = ewarn("demo", "--exit", "--json")
    assert again.out.count("\n") == 1
    left = json.loads(again.out)
    assert left["replayed"] is False
    return Replayed(replay.said, left)


@pytest.mark.timeout(900)  # the whole replay
@pytest.mark.xdist_group("replay")
def test_the_story_is_told_and_the_rules_are_sober(ewarn: Command, replayed: Replayed) -> None:
    alerts = replayed.left["alerts"]
    rising = [
        day
        for alert in alerts
        if alert["region"] in TOGO
        for day in [alert["opened_on"], *alert["raised_on"], *alert["surged_on"]]
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
    _who_must_know_is_told_in_time_and_not_too_often()
    _alerts_are_printed_as_they_open_with_the_notification_they_cause(replayed.said)
    _the_story_is_shown(replayed.said)
    _the_story_is_shown(ewarn("demo", "--exit").out)


def _who_must_know_is_told_in_time_and_not_too_often() -> None:
    """The first run after the deaths of 19 August 2017 tells Dakar and Geneva of Togo, and Dakar
    acknowledges what it was told. Four years over fourteen countries flood nobody."""
    path = Path(os.environ["EWARN_DATA_DIR"]) / "demo-2017-12-31.db"
    store = Store(f"sqlite:///{path}")
    with store.read() as connection:
        sent = connection.execute(select(outbox)).all()
        wanted = alerts.AlertFilter(regions=("TGO",), targets=("force",))
        found = alerts.find(connection, wanted, midnight(date(2017, 12, 31)))
        ids, until = [alert.id for alert in found], midnight(date(2017, 12, 31))
        heard = deliveries.messages_of(deliveries.of_threads(connection, ids, until))
        acknowledged = [
            (event.alert_id, event.at)
            for alert in found
            for event in alerts.timeline(connection, alert.id, midnight(date(2017, 12, 31)))
            if event.kind is ChangeKind.ACKNOWLEDGED
        ]
    store.dispose()
    on_the_day = [row for row in sent if row.created_at == midnight(date(2017, 8, 21))]
    subjects = {row.recipient: row.subject for row in on_the_day if "Togo" in row.subject}
    assert subjects.keys() == {"dakar", "geneva"}
    assert "Togo critical (risk rose again), now also: " in subjects["geneva"]
    assert "Probability of lethal force against demonstrators" in on_the_day[-1].text
    geneva = [row for row in sent if row.recipient == "geneva"]
    assert len(geneva) <= 60
    of_togo = Counter(f"{row.created_at:%Y-%m}" for row in geneva if "Togo" in row.text)
    assert max(of_togo.values()) <= 3
    ((alert_id, at),) = acknowledged
    told = [each for each in heard if each.recipient == "dakar" and each.thread == alert_id]
    assert max(each.created_at for each in told if each.created_at < at) == midnight(
        date(2017, 8, 21)
    )


def _alerts_are_printed_as_they_open_with_the_notification_they_cause(said: str) -> None:
    lines = said.splitlines()
    opened = next(line for line in lines if line.startswith("2014-11-03  Burkina Faso: opened"))
    assert "lethal force against demonstrators" in opened
    assert "because: " in opened
    told = "log → geneva: [illustration] 4 alerts: Burkina Faso critical (alert opened), now also:"
    assert any(line.strip().startswith(told) for line in lines)


def _the_story_is_shown(said: str) -> None:
    """At the end of the replay, and again at each later start."""
    report = said[said.index("Togo 2017: alerts, who was notified") :]
    assert all(len(line) < 200 for line in report.splitlines())
    assert "Security forces fire on the march" in report
    surge = report[report.index("2017-08-21  Togo      force") :].splitlines()
    assert "surged critical" in surge[0]
    assert "notified dakar: [illustration] " in surge[1]
    assert "Togo critique (risque de nouveau en hausse)" in surge[1]
    assert "notified geneva: [illustration] " in surge[2]
    assert "Togo critical (risk rose again), now also: Maritime, Centre" in surge[2]
    assert "2017-11-20  consented" in report
    assert "Invented: the day of each step" in report
    assert "illustration: parameters from another source" in said.lower()


def test_the_demonstration_leaves_the_live_store_alone(ewarn: Command, tmp_path: Path) -> None:
    told = json.loads(ewarn("demo", "--until", "2014-01-20", "--exit", "--json").out)
    assert told["replayed"] is True
    assert sorted(path.name for path in (tmp_path / "data").glob("*.db")) == ["demo-2014-01-20.db"]
    assert json.loads(ewarn("status", "--json").out)["newest_origin"] is None


def test_the_demonstration_stops_at_once(ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    drains = []
    monkeypatch.setattr(demo, "open_socket", lambda _host, _port: object())
    monkeypatch.setattr(demo, "leave_at_once", lambda _code: None)
    monkeypatch.setattr(demo, "serve", lambda *_, drain, **_others: drains.append(drain))
    assert ewarn("demo", "--until", "2014-01-20").code == 0
    assert drains == [0]
