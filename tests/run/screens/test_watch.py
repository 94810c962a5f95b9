"""Tests of `ewarn watch`."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.errors import StoreError
from ewarn.run.commands.screens import watch as module
from tests.api.world import NOW, World, alert
from tests.run.conftest import Command
from tests.run.screens.conftest import Asked, fits


def test_one_reading_shows_alerts_and_scores(shell: Command, asked: Asked) -> None:
    ran = shell("watch", "--once")
    assert ran.code == 0
    assert fits(ran.out)
    assert "a1" in ran.out.split()
    assert "TGO Togo" in ran.out
    found = asked("watch", "--once", "--country", "BEN")
    assert found["alerts"] == []
    assert {each["country"] for each in found["scores"]} == {"BEN"}


def test_a_small_terminal_says_that_there_are_more(
    shell: Command, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "10")
    assert "There are more" not in shell("watch", "--once").out
    for number in range(5):
        made = alert(id=f"b{number}", region="TG-M", opened_on=NOW.date())
        world.change(made, ChangeKind.OPENED, NOW - timedelta(hours=1), "an invented reason")
    assert "There are more: `ewarn alerts` shows all." in shell("watch", "--once").out


class Impatient:
    """An event that is set after some waits, as if somebody pressed Ctrl+C."""

    def __init__(self, waits: int) -> None:
        self.left, self.waited = waits, list[float]()

    def set(self) -> None:
        """Do nothing."""

    def wait(self, seconds: float) -> bool:
        """Return whether it is set by now."""
        self.waited.append(seconds)
        self.left -= 1
        return self.left <= 0


@pytest.fixture
def thrice(monkeypatch: pytest.MonkeyPatch) -> Impatient:
    """Lets `ewarn watch` read three times."""
    event = Impatient(3)
    monkeypatch.setattr("ewarn.run.commands.screens.watch.threading.Event", lambda: event)
    monkeypatch.setattr(module, "_end_by_signal", lambda _stop: None)
    return event


def test_it_reads_again_every_few_seconds(shell: Command, thrice: Impatient) -> None:
    ran = shell("watch", "--every", "7", "--json")
    assert ran.code == 0
    assert [json.loads(line)["as_of"] for line in ran.out.splitlines()] == [NOW.isoformat()] * 3
    assert thrice.waited == [7, 7, 7]


def test_a_database_that_is_away_for_a_while_does_not_end_it(
    shell: Command, thrice: Impatient, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = module._read, [StoreError("the database cannot be used")]

    def read(*given: object) -> object:
        if away:
            raise away.pop()
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_read", read)
    ran = shell("watch")
    assert ran.code == 0
    assert "the database cannot be used" in ran.out
    assert ran.out.count("TGO Togo") > 1


def test_ctrl_c_ends_it_cleanly(world: World, tmp_path: Path) -> None:
    url = world.store.engine.url.render_as_string(hide_password=False)
    own = {"EWARN_DATABASE_URL": url, "EWARN_DATA_DIR": str(tmp_path / "data")}
    top = str(Path(__file__).parents[3])
    process = subprocess.Popen(
        [sys.executable, "-m", "ewarn.run.cli", "watch", "--every", "3600", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | own | {"PYTHONPATH": top},
    )
    try:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["alerts"]
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
    assert (process.returncode, said) == (0, "")


def test_an_empty_store_is_no_calm(ewarn: Command, now: object) -> None:
    said = " ".join(ewarn("watch", "--once").out.split())
    assert "nothing has been read yet" in said


@pytest.mark.parametrize("seconds", ["1", "0", "soon"])
def test_a_wrong_pace_is_refused(ewarn: Command, seconds: str) -> None:
    assert ewarn("watch", "--every", seconds).code == 2
