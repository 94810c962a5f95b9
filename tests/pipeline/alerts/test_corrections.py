"""Tests of alerts that would not have opened on today's data, on both databases.

They say so once and take it back once, and are never closed by it.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.silence import Silence
from ewarn.domain.source import Coverage, Payload
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.corrections import CorrectionReport
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.delivery import outbox
from ewarn.store.tables.scores import score_run
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedSource
from tests.pipeline.weeks import alert, correct, recipient, remind, told_to
from tests.scores import moment, origin

DAY = timedelta(days=1)
COVERED = (Coverage("invented", "TGO", origin(-60), origin(40)),)


def lethal(number: int, known_at: datetime, **others: Any) -> dict[str, Any]:
    """Return a lethal event in the week before the first origin."""
    day = origin(-1) + timedelta(days=number % 6)
    return row(
        f"e{number}", kind="force", occurred_on=day, fatalities_low=1, known_at=known_at, **others
    )


@pytest.fixture
def live(service: Service, source: InventedSource) -> Service:
    """Return a service that polls, with one recipient and a rule that opens at 0.2."""
    return replace(told_to(service, recipient()), sources={"invented": source})


def read(live: Service, source: InventedSource, at: datetime, *rows: dict[str, Any]) -> None:
    """Read events that arrive at a moment."""
    name = f"{at}"
    source.payloads = [Payload("invented", name, name.encode(), at)]
    source.batches[name] = ParsedBatch(frame(*rows), coverage=COVERED)
    ingest(live, source, at)


def opened(live: Service, source: InventedSource) -> None:
    """Open an alert by three lethal events."""
    read(live, source, moment(0), *(lethal(number, moment(0) - DAY) for number in range(3)))
    score(live, "invented", moment(0))
    assert [told.change.kind for told in alert(live, moment(0)).changes] == [ChangeKind.OPENED]


def withdraw(live: Service, source: InventedSource, at: datetime, *numbers: int) -> None:
    """Let the source withdraw events."""
    read(live, source, at, *(lethal(number, at, deleted=True) for number in numbers))


def kinds(report: CorrectionReport) -> list[ChangeKind | None]:
    return [told.change.kind for told in report.changes]


def runs(live: Service) -> int:
    with live.store.read() as connection:
        return connection.execute(select(func.count()).select_from(score_run)).scalar_one()


def test_a_revision_that_unmakes_an_alert_is_told_once_and_closes_nothing(
    live: Service, source: InventedSource
) -> None:
    opened(live, source)
    assert correct(live, moment(0)).scored == 0
    withdraw(live, source, moment(0) + DAY, 0, 1)
    scored_before = runs(live)
    report = correct(live, moment(0) + DAY)
    assert kinds(report) == [ChangeKind.CORRECTED]
    (told,) = report.changes
    assert told.change.reason == (
        "on today's data it would not have opened: probability 0.100 instead of probability "
        "0.300, raised from 0.2"
    )
    (message,) = report.messages
    assert "it would not open on today's data" in message.text
    assert runs(live) == scored_before
    for hours in (0, 6, 200):
        again = correct(live, moment(0) + DAY + timedelta(hours=hours))
        assert (again.changes, again.messages) == ((), ())
    with live.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, moment(9)) == []
        story = alerts.timeline(connection, standing.id, moment(9))
        assert sum(outbox.states(connection).values()) == 2
    assert (standing.state, standing.corrected) == (AlertState.OPEN, True)
    assert len({event.rule_hash for event in story}) == 1


def test_what_later_data_give_back_is_reinstated_once(
    live: Service, source: InventedSource
) -> None:
    opened(live, source)
    withdraw(live, source, moment(0) + DAY, 0, 1)
    correct(live, moment(0) + DAY)
    late = [lethal(number, moment(0) + 2 * DAY) for number in (7, 8)]
    read(live, source, moment(0) + 2 * DAY, *late)
    report = correct(live, moment(0) + 2 * DAY)
    assert kinds(report) == [ChangeKind.REINSTATED]
    assert "would have opened after all: probability 0.300" in report.changes[0].change.reason
    assert len(report.messages) == 1
    assert correct(live, moment(0) + 2 * DAY).changes == ()
    with live.store.read() as connection:
        (standing,) = alerts.standing(connection)
    assert standing.corrected is False


def test_it_is_scored_only_where_weeks_before_it_were_revised(
    live: Service, source: InventedSource
) -> None:
    opened(live, source)
    later = lethal(20, moment(1)) | {"occurred_on": origin(0), "ended_on": origin(0)}
    read(live, source, moment(1), later)
    assert correct(live, moment(1)).scored == 0
    withdraw(live, source, moment(1) + DAY, 0)
    assert correct(live, moment(1) + DAY).scored == 1  # 0.2 still reaches the threshold
    # What was recorded in the hour before a check is checked once more, and then never again.
    assert [correct(live, moment(1) + days * DAY).scored for days in (2, 3)] == [1, 0]


def test_one_that_closed_lately_is_corrected_and_an_older_one_is_not(
    live: Service, source: InventedSource
) -> None:
    opened(live, source)
    for week in (5, 6):
        ingest(live, source, moment(week))
        score(live, "invented", moment(week))
        alert(live, moment(week))
    withdraw(live, source, moment(7), 0, 1)
    assert correct(live, moment(12)).scored == 0
    with live.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'corrections'")
    report = correct(live, moment(8))
    assert kinds(report) == [ChangeKind.CORRECTED]
    assert report.changes[0].change.alert.state is AlertState.CLOSED


def test_a_rule_that_became_another_and_weeks_that_tell_nothing_correct_nothing(
    live: Service, source: InventedSource, model: Echo
) -> None:
    opened(live, source)
    withdraw(live, source, moment(0) + DAY, 0, 1)
    sterner = replace(live, rulebook=told_to(live, recipient(), raise_at=0.5).rulebook)
    assert correct(sterner, moment(0) + DAY).changes == ()
    with live.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'corrections'")
    model.version = "2"
    assert correct(live, moment(0) + DAY).changes == ()  # scores of another model correct nothing


def test_what_a_silence_holds_back_is_said_when_it_is_over(
    live: Service, source: InventedSource
) -> None:
    hushed = Silence("s1", "Dakar", "x", moment(0), moment(0) + 3 * DAY, targets=("force",))
    with live.store.write() as connection:
        silences.add(connection, hushed)
    opened(live, source)
    withdraw(live, source, moment(0) + DAY, 0, 1)
    report = correct(live, moment(0) + DAY)
    assert (kinds(report), report.messages) == ([ChangeKind.CORRECTED], ())
    (message,) = remind(live, moment(0) + 4 * DAY).messages
    assert "on today's data it would not have opened" in message.text
