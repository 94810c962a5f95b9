"""The invented world of the API's tests, as the command line shows it in the terminal."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.domain.notification import About, Notification
from ewarn.domain.suppression import SuppressedChange, SuppressionReason
from ewarn.run.commands.screens import alerts, reports, scores, silences, status, watch
from ewarn.store.alerts import suppressed_changes
from ewarn.store.delivery import notifications, outbox
from ewarn.store.delivery.outbox import AttemptResult, Leased
from tests.api.fixtures import filled_template, world
from tests.api.world import NOW, World
from tests.run.conftest import Command

__all__ = ["filled_template", "world"]

WIDTH = 80
ENDPOINT = "dakar:email:desk@example.org"
Asked = Callable[..., Any]


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The moment at which the commands run, in a terminal of 80 columns."""
    for module in (alerts, reports, scores, silences, status, watch):
        monkeypatch.setattr(module, "wall", lambda: NOW)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return NOW


@pytest.fixture
def shell(ewarn: Command, world: World, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `ewarn ARGUMENTS` on the invented world."""
    url = world.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("EWARN_DATABASE_URL", url)
    return ewarn


@pytest.fixture
def asked(shell: Command) -> Asked:
    """Runs a command with `--json` and returns what it printed, which is one line."""

    def ask(*arguments: str) -> Any:
        ran = shell(*arguments, "--json")
        assert ran.out.count("\n") == 1
        return json.loads(ran.out)

    return ask


def notify(world: World, alert_id: str, at: datetime, *, delivered: bool = True) -> str:
    """Compose a message on an alert at a moment, and deliver it ten minutes later."""
    id_ = f"msg_{at:%Y%m%d%H%M}"
    message = Message(id_, "email", "desk@example.org", "An invented alert", "", {}, at)
    told = Notification(id_, ENDPOINT, About.ALERT, alert_id, False, {}, at, at)
    with world.store.write() as connection:
        notifications.add(connection, [told])
        outbox.enqueue(connection, [(ENDPOINT, message)])
        notifications.leave(connection, [told.id], id_)
    if delivered:
        then = at + timedelta(minutes=10)
        leased = Leased(message, 0, ENDPOINT, then)
        result = AttemptResult(leased, Receipt(Outcome.DELIVERED, "ok"), then, outbox.DELIVERED)
        with world.store.write() as connection:
            outbox.record_results(connection, [result])
    return id_


def suppress(world: World, alert_id: str, at: datetime) -> None:
    """Store that nobody was notified of a change, because a silence covered it."""
    why = SuppressionReason.SILENCE
    with world.store.write() as connection:
        held = SuppressedChange(alert_id, at, "raised", why, "s1", at + timedelta(days=1))
        suppressed_changes.record(connection, [held])


def fits(text: str) -> bool:
    """Return whether each line fits into the terminal, except for a single word that is longer."""
    lines = text.splitlines()
    return all(len(line.rstrip()) <= WIDTH or len(line.split()) == 1 for line in lines)
