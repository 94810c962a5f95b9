"""Tests of `ewarn alerts`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.domain.alert import AlertState, Assessment, ChangeKind
from ewarn.domain.target import Band
from tests.api.world import NOW, World, alert
from tests.run.conftest import Command
from tests.run.screens.conftest import ENDPOINT, Asked, fits, notify, suppress

LONG = "alert-0123456789abcdef"


def opened(world: World, **others: object) -> None:
    """Store an alert that opened a day ago."""
    made = alert(**{"id": LONG, "region": "TG-M", "opened_on": NOW.date(), **others})
    world.change(made, ChangeKind.OPENED, NOW - timedelta(days=1), "an invented reason")


def test_open_alerts_are_a_table_in_words(shell: Command, world: World) -> None:
    opened(world)
    said = shell("alerts").out
    assert fits(said)
    assert LONG in said
    whole = " ".join(said.split())
    assert "TG-M Maritime: lethal" in whole
    assert "high, 21%" in whole
    assert "a0" not in said.split(), "it is closed"
    assert "force-country" not in said


def test_states_and_countries_choose(asked: Asked) -> None:
    def ids(*arguments: str) -> list[str]:
        return [each["id"] for each in asked("alerts", *arguments)["alerts"]]

    assert ids() == ["a1"]
    assert ids("--state", "closed") == ["a0"]
    assert ids("--state", "closed", "--state", "open") == ["a1", "a0"]
    assert ids("--country", "tg") == ["a1"]
    assert ids("--country", "BEN") == []


def test_a_past_day_shows_what_was_known_then(asked: Asked, shell: Command) -> None:
    (then,) = asked("alerts", "--as-of", "2019-12-20")["alerts"]
    assert (then["id"], then["state"], then["band"]) == ("a0", "open", "high")
    (later,) = asked("alerts", "--as-of", "2020-02-01")["alerts"]
    assert (later["id"], later["band"]) == ("a1", "high"), "it was raised later"
    (today,) = asked("alerts", "--as-of", f"{NOW:%Y-%m-%d}")["alerts"]
    assert today["band"] == "critical"
    ran = shell("alerts", "--as-of", "2020-03-03")
    assert (ran.code, "is in the future" in ran.err) == (2, True)
    assert shell("alerts", "--as-of", "2020-13-03").code == 2


def test_the_limit_says_that_there_are_more(shell: Command, asked: Asked, world: World) -> None:
    opened(world)
    assert "There are more" in shell("alerts", "--limit", "1").out
    assert asked("alerts", "--limit", "1")["more"] is True
    assert asked("alerts")["more"] is False


def test_one_alert_with_its_story(shell: Command, world: World) -> None:
    at = NOW - timedelta(days=3)
    notify(world, "a1", at)
    suppress(world, "a1", at + timedelta(hours=1))
    said = shell("alerts", "show", "a1").out
    assert fits(said)
    whole = " ".join(said.split())
    assert "Region: Togo (TGO)" in whole
    assert "Risk of: lethal force against demonstrators" in whole
    assert "20 Jan 2020, 07:00 UTC alert opened (high, 21%), ewarn: 21% is at or above" in whole
    assert "17 Feb 2020, 07:00 UTC alert raised (critical, 38%)" in whole
    assert f"28 Feb 2020, 12:00 UTC {ENDPOINT}: delivered 28 Feb 2020, 12:10 UTC" in whole
    assert "What was not sent 28 Feb 2020, 13:00 UTC alert raised: a silence covered it" in whole
    assert "went_stale" not in said


def test_the_story_of_a_past_moment_ends_there(asked: Asked, shell: Command, world: World) -> None:
    notify(world, "a1", NOW - timedelta(minutes=5))
    then = asked("alerts", "show", "a1", "--as-of", "2020-02-01")
    assert [each["kind"] for each in then["timeline"]] == ["opened"]
    assert then["notified"] == []
    assert "Nobody so far." in shell("alerts", "show", "a1", "--as-of", "2020-02-01").out
    now = asked("alerts", "show", "a1")
    assert [each["kind"] for each in now["timeline"]] == ["opened", "raised"]
    assert now["notified"][0]["delivered_at"] is None, "it was delivered five minutes later"
    assert "not delivered by then" in shell("alerts", "show", "a1").out


def test_an_unknown_alert_is_one_sentence(shell: Command) -> None:
    for arguments in (["nothing"], ["a1", "--as-of", "2019-12-20"]):
        ran = shell("alerts", "show", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("ewarn: there is no alert")


def test_what_limits_an_alert_is_said(shell: Command, world: World) -> None:
    opened(
        world,
        corrected=True,
        situation=True,
        stale=True,
        assessment=Assessment.FALSE_ALARM,
        acknowledged_by="Dakar",
        readers="acled",
    )
    said = " ".join(shell("alerts", "show", LONG).out.split())
    assert "State: open, data stopped, corrected, standing situation" in said
    assert "Assessment: false alarm" in said
    assert "Looked after by: Dakar" in said
    assert "Only with the licence: acled" in said


def test_a_message_that_was_given_up_is_no_notification(shell: Command, world: World) -> None:
    notify(world, "a1", NOW - timedelta(days=1), delivered=False)
    with world.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'dead'")
    assert f"{ENDPOINT}: given up" in shell("alerts", "show", "a1").out


HOSTILE = "[red]now[/red] :email: [link=https://example.org]x[/link] \x1b[2J\x07"


def test_what_people_wrote_is_shown_as_text(shell: Command, world: World) -> None:
    closed = replace(alert(), state=AlertState.CLOSED, closed_on=NOW.date(), band=Band.LOW)
    world.change(closed, ChangeKind.CLOSED, NOW - timedelta(hours=1), HOSTILE)
    said = shell("alerts", "show", "a1").out
    whole = " ".join(said.split())
    assert "[red]now[/red] :email: [link=https://example.org]x[/link] ?[2J?" in whole
    assert "\x1b" not in said
    assert "\x07" not in said


def test_french_is_french(shell: Command) -> None:
    said = shell("alerts", "show", "a1", "--language", "fr").out
    assert "Togo (TGO)" in said
    assert "alerte ouverte" in said
    assert "20 janv. 2020" in said
    ran = shell("alerts", "--language", "tlh")
    assert (ran.code, "--language: 'tlh' is none of en, fr" in ran.err) == (2, True)


def test_an_empty_store_says_that_nothing_was_read(ewarn: Command, now: object) -> None:
    ran = ewarn("alerts")
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "No alert is in such a state." in said
    assert "an empty list does not mean that nothing happened" in said


@pytest.mark.parametrize("width", ["40", "60", "80", "200"])
def test_no_id_is_cut_in_any_terminal(
    shell: Command, world: World, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    opened(world, state=AlertState.ACKNOWLEDGED, acknowledged_by="Dakar")
    monkeypatch.setenv("COLUMNS", width)
    said = shell("alerts").out
    assert LONG in said
    assert all(len(line.rstrip()) <= int(width) for line in said.splitlines())
