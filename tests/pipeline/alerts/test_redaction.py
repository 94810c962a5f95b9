"""Tests of redaction: words of people are removed by an act, and the hash chains stay valid."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from ewarn.alerting.acts import acknowledge
from ewarn.domain.deployment import Proposal, StepKind
from ewarn.domain.recommendation import Body, Recommendation, Status, Theme
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.alerts.redaction import redact
from ewarn.pipeline.service import Service
from ewarn.response.follow_up import added, moved
from ewarn.response.steps import propose, take
from ewarn.store.access import audit
from ewarn.store.alerts import alerts
from ewarn.store.database.chain import link
from ewarn.store.response import deployments, recommendations
from ewarn.store.tables.access import audit as audit_table
from ewarn.store.tables.alerts import alert_event
from tests.pipeline.weeks import REGION, play
from tests.scores import moment

NAME = "Kossi Invented"
NOW = moment(3)


def given(service: Service) -> str:
    """Store a recommendation, a deployment and an alert with a name. Return the alert's id."""
    asked = Recommendation(
        "r1", "TGO", Body.MISSION, "", f"Free {NAME}", Theme.OTHER, "", "office",
        date(2020, 1, 1), None, None, Status.OPEN, date(2020, 1, 1), "",
    )  # fmt: skip
    proposal = Proposal("TGO", ("officer",), 4, "the Government", "office", (NAME,), ())
    first = propose("d1", proposal, "office", NOW, f"{NAME} was hurt")
    play(service, 0, {REGION: 0.3})
    with service.store.write() as connection:
        change = added(asked, "office", NOW)
        done = moved(change.recommendation, Status.DONE, f"{NAME} is free", "office", NOW)
        recommendations.record(connection, [change, done])
        deployments.record(connection, first)
        second = take(
            first.deployment, StepKind.CONSENT_REQUESTED, "office", NOW, f"as {NAME} asked"
        )
        deployments.record(connection, second)
        (alert,) = alerts.open_now(connection)
    act(service, alert.id, (), lambda a: acknowledge(a, "desk", NOW, f"{NAME} called"), NOW)
    return alert.id


def words(service: Service) -> str:
    """Return all that the chains hold."""
    with service.store.read() as connection:
        rows = [
            *connection.execute(audit_table.select()),
            *connection.execute(alert_event.select()),
        ]
        assert audit.broken_link(connection) is None
        assert alerts.broken_link(connection) is None
    return repr(rows)


def test_what_is_redacted_is_nowhere_and_the_chains_hold(service: Service) -> None:
    id_ = given(service)
    assert words(service).count(NAME) == 9
    for about, subject in (("recommendation", "r1"), ("deployment", "d1"), ("alert", id_)):
        assert redact(service, about, subject, "office", NOW, "a name stood in it") >= 1
        said = words(service)
    assert NAME not in said
    assert said.count("'redacted'") == 3
    with service.store.read() as connection:
        (found,) = recommendations.find(
            connection, NOW + timedelta(days=1), recommendations.RecommendationFilter()
        )
        assert (found.text, found.status) == ("[redacted]", Status.DONE)
        (sent,) = deployments.find(connection, NOW + timedelta(days=1))
        assert sent.proposal.preconditions == ("[redacted]",)
        told = alerts.timeline(connection, id_, NOW)
    assert "[redacted]" in [event.reason for event in told]
    assert told[0].reason != "[redacted]", "what ewarn said itself stays"


def test_a_text_that_is_changed_without_an_act_is_found(service: Service) -> None:
    id_ = given(service)
    with service.store.write() as connection:
        reason = audit_table.c.reason
        connection.execute(
            update(audit_table).where(reason.contains("hurt")).values(reason="all is well")
        )
        assert audit.broken_link(connection) is not None
    with service.store.write() as connection:
        connection.execute(
            update(alert_event).where(alert_event.c.alert_id == id_).values(salts={}, reason="x")
        )
        assert alerts.broken_link(connection) is not None, "a salt that no act took away"


@pytest.mark.parametrize(
    ("about", "id_", "by", "reason", "error"),
    [
        ("alert", "nothing", "office", "x", UnknownName),
        ("event", "nothing", "office", "x", UsageError),
        ("recommendation", "r1", "Mme Inventée", "x", UsageError),
        ("recommendation", "r1", "office", " ", UsageError),
    ],
)
def test_a_redaction_is_asked_for_by_a_role_with_a_reason(
    service: Service, about: str, id_: str, by: str, reason: str, error: type[Exception]
) -> None:
    given(service)
    with pytest.raises(error):
        redact(service, about, id_, by, NOW, reason)
    assert words(service).count(NAME) == 9


def test_rows_from_before_digests_are_covered_whole() -> None:
    row = {"reason": "x", "after": {}, "at": NOW}
    assert link("0", row) == link("0", {**row, "digests": None, "salts": None, "sequence": 1})
    assert link("0", row) != link("0", {**row, "reason": "y"})
