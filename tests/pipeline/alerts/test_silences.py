"""Tests that what a silence suppresses is recorded, and notified when it ends (both databases)."""

from dataclasses import replace

import pytest

from ewarn.alerting.acts import acknowledge, close
from ewarn.domain.alert import ChangeKind
from ewarn.domain.silence import Silence
from ewarn.domain.target import Band
from ewarn.errors import UnknownName
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.messages import compose_due
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.delivery import outbox
from ewarn.store.scores import scores
from tests.pipeline.weeks import Decided, alert, play, recipient, remind, told_to
from tests.scores import moment, origin, score

REGION = "TG-M"


def _week(service: Service, week: int, probability: float) -> Decided:
    """Score one region at an origin and decide."""
    one = replace(score(probability, week, region=REGION), id="")
    with service.store.write() as connection:
        scores.record(connection, "invented", origin(week), f"week {week}", [one], moment(week))
    return alert(service, moment(week))


def _silence(service: Service, until: int) -> None:
    with service.store.write() as connection:
        one = Silence("s1", "Dakar", "repairs", moment(0), moment(until), countries=("TGO",))
        silences.add(connection, one)


def _kinds(report: Decided) -> list[tuple[ChangeKind | None, bool]]:
    return [(told.change.kind, told.suppression is None) for told in report.changes]


def test_an_alert_under_a_silence_is_recorded_and_told_when_it_is_over(service: Service) -> None:
    _silence(service, until=2)
    first = _week(service, 0, 0.3)
    assert _kinds(first) == [(ChangeKind.OPENED, False)]
    assert first.messages == ()
    assert (
        str(first.changes[0].suppression) == "silenced until 2020-01-20 00:00 UTC by Dakar: repairs"
    )
    assert _kinds(_week(service, 1, 0.5)) == [(ChangeKind.RAISED, False)]
    over = _week(service, 2, 0.5)
    assert _kinds(over) == [(ChangeKind.REMINDED, True)]
    assert [message.subject for message in over.messages]
    assert "still open" in over.messages[0].text
    assert alert(service, moment(2)).messages == ()
    assert _kinds(_week(service, 3, 0.5)) == []
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, moment(9)) == []
        assert [silence.id for silence in silences.in_force(connection, moment(1))] == ["s1"]
    assert standing.told == standing.band


def test_one_that_was_ended_holds_nothing_back(service: Service) -> None:
    _silence(service, until=9)
    assert _week(service, 0, 0.3).messages == ()
    with service.store.write() as connection:
        silences.end(connection, ["s1"], moment(1), "Dakar")
    assert len(_week(service, 1, 0.3).messages) == 1


def test_what_closed_under_a_silence_is_not_told_afterwards(service: Service) -> None:
    _silence(service, until=4)
    for week, probability in enumerate((0.3, 0.05, 0.05, 0.05)):
        assert _week(service, week, probability).messages == ()
    assert _week(service, 4, 0.05).messages == ()


def test_an_act_is_stored_with_its_notification_or_not_at_all(service: Service) -> None:
    _week(service, 0, 0.3)
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        waiting = outbox.states(connection)
    with pytest.raises(UnknownName, match="there is no alert"):
        act(service, standing.id, ("GHA",), lambda it: close(it, "X", moment(0), "x"), moment(0))
    act(service, standing.id, ("TGO",), lambda it: acknowledge(it, "Dakar", moment(0)), moment(0))
    with service.store.read() as connection:
        assert outbox.states(connection) == waiting
    act(service, standing.id, (), lambda it: close(it, "Dakar", moment(0), "a copy"), moment(0))
    compose_due(service, moment(0))
    with service.store.read() as connection:
        assert sum(outbox.states(connection).values()) == sum(waiting.values()) + 1
        story = alerts.timeline(connection, standing.id, moment(1))
    assert [event.kind.value for event in story] == ["opened", "acknowledged", "closed"]
    assert len({event.rule_hash for event in story}) == 1
    assert [event.actor for event in story] == ["ewarn", "Dakar", "Dakar"]


def test_an_end_under_a_silence_is_told_afterwards_to_who_heard_of_the_beginning(
    service: Service,
) -> None:
    desk = told_to(service, recipient(), recipient("grave", level=Band.CRITICAL))
    play(desk, 0, {REGION: 0.3})
    with service.store.write() as connection:
        silences.add(
            connection, Silence("s1", "Dakar", "repairs", moment(1), moment(5), targets=("force",))
        )
    for week in (2, 3):
        assert play(desk, week, {REGION: 0.01}).messages == ()
    assert remind(desk, moment(4)).messages == ()
    assert remind(desk, moment(5)).messages == (), "an end waits for other news"
    (late,) = remind(desk, moment(9)).messages
    assert late.recipient == "desk"
    assert late.body["items"][0]["changes"][0]["change"] == "closed"
    assert remind(desk, moment(10)).messages == ()
