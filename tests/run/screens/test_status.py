"""Tests of `ewarn status` on one screen."""

from datetime import timedelta

import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.domain.source import Health
from ewarn.domain.time import midnight
from ewarn.store.delivery import heartbeats
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.jobs import jobs, leases
from tests.api.world import LAST_ORIGIN, NOW, World, alert
from tests.run.conftest import Command
from tests.run.screens.conftest import ENDPOINT, Asked, fits, notify

LONG = "alert-0123456789abcdef"


@pytest.fixture
def working(world: World, shell: Command, monkeypatch: pytest.MonkeyPatch) -> World:
    """The invented world with a worker that lives, and no source that is polled."""
    monkeypatch.setenv("EWARN_SOURCES", "chronicle")
    read = runs.Run("chronicle", NOW, Health.OK, "read", Appended(), 0, {}, LAST_ORIGIN)
    with world.store.write() as connection:
        leases.acquire(connection, leases.LEADER, "one", NOW, timedelta(seconds=60))
        heartbeats.beat(connection, heartbeats.DELIVERER, NOW, {})
        runs.record_run(connection, runs.Reading(read))
    return world


def opened(world: World, days: int) -> None:
    """Store an alert that opened some days ago."""
    at = NOW - timedelta(days=days)
    made = alert(id=LONG, region="TG-M", opened_on=at.date())
    world.change(made, ChangeKind.OPENED, at, "an invented reason")


def test_all_is_well_ends_with_zero(working: World, shell: Command, asked: Asked) -> None:
    ran = shell("status")
    assert (ran.code, "All is well" in ran.out) == (0, True), ran.out
    found = asked("status")
    assert (found["well"], found["wrong"]) == (True, [])
    assert fits(ran.out)


def test_what_is_wrong_is_first_and_ends_with_one(shell: Command, asked: Asked) -> None:
    ran = shell("status")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[2].startswith("WRONG: ")
    assert lines[3].startswith("- worker: no worker has led yet")
    assert asked("status")["well"] is False


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE lease SET leased_until = '2020-03-01'", "worker: none leads since 2020-03-01"),
        ("UPDATE heartbeat SET at = '2020-03-01'", "the deliverer has been silent"),
        ("UPDATE outbox SET state = 'dead'", "messages: 1 were given up"),
        ("UPDATE score_run SET origin = '2019-10-07'", "scores of invented: the last ones are of"),
        ("UPDATE ingest_run SET health = 'broken'", "source chronicle: broken"),
    ],
)
def test_each_thing_that_is_wrong_is_said(
    working: World, shell: Command, statement: str, said: str
) -> None:
    notify(working, "a1", NOW - timedelta(minutes=2))
    assert shell("status").code == 0
    with working.store.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    ran = shell("status")
    assert ran.code == 1
    wrong = ran.out.partition("WRONG: ")[2].partition("\n\n")[0]
    assert said in " ".join(wrong.split())


def test_a_failed_job_is_wrong_and_one_that_just_became_due_is_not(
    working: World, shell: Command
) -> None:
    with working.store.write() as connection:
        jobs.enqueue(connection, "score", NOW - timedelta(minutes=5))
    assert shell("status").code == 0
    with working.store.write() as connection:
        jobs.enqueue(connection, "forget", NOW - timedelta(minutes=16))
        run = jobs.claim(connection, NOW, {"forget"}, holder="one", length=timedelta(hours=1))
        assert run is not None
        jobs.finish(connection, run, NOW, failure="the disk is full")
    ran = shell("status")
    assert (ran.code, "- failed job forget: the disk is full" in ran.out) == (1, True)


def test_the_last_scores_of_a_source_have_origin_number_and_age(
    working: World, shell: Command, asked: Asked
) -> None:
    (run,) = asked("status")["scores"]
    assert (run["source"], run["origin"]) == ("invented", f"{LAST_ORIGIN}")
    with working.store.engine.connect() as connection:
        number = connection.exec_driver_sql(
            "SELECT count(*) FROM score WHERE origin = '2020-03-02'"
        ).scalar()
    assert run["scores"] == number
    assert " ".join(["invented", f"{LAST_ORIGIN}", str(number), "6", "hours"]) in " ".join(
        shell("status").out.split()
    )
    assert midnight(LAST_ORIGIN) < NOW


def test_new_alerts_say_who_was_notified(working: World, shell: Command, asked: Asked) -> None:
    opened(working, 2)
    assert "nobody so" in shell("status").out
    notify(working, LONG, NOW - timedelta(days=1))
    (found,) = asked("status")["new_alerts"]
    assert (found["id"], found["notified"]) == (LONG, [ENDPOINT])
    ran = shell("status")
    assert fits(ran.out)
    assert LONG in ran.out
    assert "TG-M: lethal" in ran.out


def test_an_older_alert_is_not_new(working: World, asked: Asked) -> None:
    opened(working, 7)
    assert asked("status")["new_alerts"] == []


def test_messages_are_counted_by_recipient_and_state(
    working: World, shell: Command, asked: Asked
) -> None:
    notify(working, "a1", NOW - timedelta(days=1))
    notify(working, "a1", NOW - timedelta(minutes=1), delivered=False)
    notify(working, "a1", NOW - timedelta(days=8))
    counted = {each["state"]: each["number"] for each in asked("status")["messages"]}
    assert counted == {"delivered": 1, "waiting": 1}
    said = shell("status").out
    assert ENDPOINT in said
    assert "Outbox: 1 waiting, 0 given up" in said


def test_nothing_is_coloured_where_nobody_sees_it(
    working: World, shell: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\x1b[" not in shell("status").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = shell("status").out
    assert "\x1b[32m" in coloured or "\x1b[1;32m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "32m" not in shell("status").out
