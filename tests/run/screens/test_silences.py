"""Tests of `ewarn silences` and `ewarn reports`."""

import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from ewarn.domain.kinds import EventKind
from ewarn.domain.reports.field_report import ReportFacts, ReportState, ReportWords
from ewarn.pipeline.reports.sealed import sealed_report
from ewarn.store.alerts import silences
from ewarn.store.reports import reports
from tests.api.world import LAST_ORIGIN, NOW, SILENCE, World
from tests.ingest.kobo.provider import CONDITIONS
from tests.run.conftest import Command
from tests.run.screens.conftest import Asked, fits


def add(world: World, **others: object) -> None:
    """Store a silence."""
    with world.store.write() as connection:
        silences.add(connection, replace(SILENCE, **others))  # type: ignore[arg-type]


def test_silences_in_force_are_first_with_what_they_cover(shell: Command, world: World) -> None:
    day = timedelta(days=1)
    add(world, id="silence-0123456789abcde0", starts_at=NOW - 9 * day, ends_at=NOW - day)
    add(world, id="silence-0123456789abcde1", starts_at=NOW + day, targets=("force",))
    ran = shell("silences")
    assert ran.code == 0
    assert fits(ran.out)
    said = ran.out
    assert "s1: in force" in said.splitlines()
    assert "silence-0123456789abcde0: over" in said
    assert "silence-0123456789abcde1: to begin" in said
    assert said.index("s1: in force") < said.index("silence-0123456789abcde1")
    assert "It covers: Ghana (GHA)." in said
    assert "Ghana (GHA); lethal force against demonstrators" in " ".join(said.split())
    assert "By Accra: an invented reason" in said
    assert "1 of 3 in force" in said


def test_a_silence_that_was_ended_early_says_by_whom(shell: Command, world: World) -> None:
    with world.store.write() as connection:
        silences.end(connection, ["s1"], NOW - timedelta(hours=1), "Dakar")
    said = shell("silences").out
    assert "s1: over" in said
    assert "Ended early on 2 Mar 2020, 11:00 UTC by Dakar." in said


def test_a_past_day_shows_the_silence_in_force_then(asked: Asked) -> None:
    assert [each["in_force"] for each in asked("silences")["silences"]] == [True]
    (then,) = asked("silences", "--as-of", "2020-02-20")["silences"]
    assert then["in_force"] is False


def test_the_reason_of_a_silence_is_text(shell: Command, world: World) -> None:
    add(world, id="s2", reason="[bold]loud[/bold] \x1b]0;title\x07")
    said = shell("silences").out
    assert "[bold]loud[/bold] ?]0;title?" in said
    assert "\x1b" not in said


def test_no_silence_is_one_sentence(ewarn: Command, now: object) -> None:
    assert "No silence is in force" in ewarn("silences").out
    assert json.loads(ewarn("silences", "--json").out)["silences"] == []


def receive(world: World, number: int, days: int, state: ReportState) -> None:
    """Store an invented field report that came some days ago."""
    assert CONDITIONS.sealer is not None
    sealed = sealed_report(
        CONDITIONS.sealer,
        f"another{number}",
        ReportFacts(EventKind.ARREST, LAST_ORIGIN, "TGO", "TG-M", arrests=4),
        ReportWords("A secret text.", "a secret observer"),
        received_on=NOW.date() - timedelta(days=days),
        submission=f"one {number}",
        receipt=sha256(str(number).encode()).hexdigest(),
    )
    with world.store.write() as connection:
        reports.add(connection, sealed)
        reports.set_state(connection, sealed.id, state)


def test_reports_are_counted_by_state_and_age_alone(
    shell: Command, asked: Asked, world: World
) -> None:
    days = (0, 7, 8, 30, 31)
    for number, age in enumerate(days):
        receive(world, number, age, ReportState.RECEIVED)
    receive(world, 9, 40, ReportState.ERASED)
    waiting, erased = asked("reports")["reports"]
    assert waiting == {
        "state": "received",
        "oldest_days": 31,
        "up to 7 days": 3,  # with the one of the world
        "8 to 30 days": 2,
        "older": 1,
    }
    assert (erased["state"], erased["older"]) == ("erased", 1)
    ran = shell("reports")
    assert (ran.code, fits(ran.out)) == (0, True)
    for word in ("TGO", "TG-M", "arrest", "secret", "another", "report1"):
        assert word not in ran.out


def test_reports_say_why_none_is_accepted(
    shell: Command, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "field reports are switched off" in " ".join(shell("reports").out.split())
    assert asked("reports")["accepted"] is False


def test_no_report_is_one_sentence(ewarn: Command, now: object) -> None:
    assert "There are no field reports." in ewarn("reports").out
