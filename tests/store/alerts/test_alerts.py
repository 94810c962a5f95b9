"""Tests of the chain of alerts: append-only, hash-linked, readable as of any past day."""

from dataclasses import MISSING, asdict, fields
from datetime import UTC, datetime

from sqlalchemy import select, update

from ewarn.alerting.decide import decide
from ewarn.domain.alert import Alert, AlertState
from ewarn.store.alerts import alert_pages, alerts, rule_versions
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.alerts.rule_versions import RuleVersion
from ewarn.store.database.engine import Store
from ewarn.store.tables.alerts import alert as projection
from ewarn.store.tables.alerts import alert_event
from tests.scores import moment, origin, rule, score

LATER = datetime(2030, 1, 1, tzinfo=UTC)


def run(store: Store, probabilities: list[float], *, region: str = "TG-M") -> None:
    for week, probability in enumerate(probabilities):
        with store.write() as connection:
            standing = alerts.standing(connection)
            one = score(probability, week, region=region)
            changes = decide([one], standing, [rule()], moment(week))
            alerts.record(connection, changes, {"force-admin1": "r1"})


def test_an_alert_is_read_back_as_its_last_change_left_it(store: Store) -> None:
    run(store, [0.3, 0.5, 0.05, 0.05])
    with store.read() as connection:
        (found,) = alerts.find(connection, AlertFilter(), LATER)
        story = [event.kind.value for event in alerts.timeline(connection, found.id, LATER)]
    assert (found.state, found.opened_on, found.closed_on) == (
        AlertState.CLOSED,
        origin(0),
        origin(3),
    )
    assert story == ["opened", "raised", "lowered", "closed"]


def test_a_change_from_before_alerts_had_a_field_has_its_default(store: Store) -> None:
    run(store, [0.3])
    with store.write() as connection:
        after = connection.execute(select(alert_event.c.after)).scalar_one()
        needed = {item.name for item in fields(Alert) if item.default is MISSING}
        old = {name: value for name, value in after.items() if name in needed}
        connection.execute(update(alert_event).values(after=old))
        (found,) = alerts.find(connection, AlertFilter(), LATER)
    assert asdict(found) == asdict(Alert(**{name: getattr(found, name) for name in needed}))


def test_alerts_as_of_a_past_day_are_what_they_were_then(store: Store) -> None:
    run(store, [0.3, 0.5])
    with store.read() as connection:
        then = alerts.find(connection, AlertFilter(), moment(1))
    run(store, [0.3, 0.5, 0.05, 0.05])
    with store.read() as connection:
        assert alerts.find(connection, AlertFilter(), moment(1)) == then
        assert alerts.find(connection, AlertFilter(states=("open",)), moment(1)) == then
        assert alerts.find(connection, AlertFilter(states=("open",)), moment(3)) == []


def test_filters_and_pages(store: Store) -> None:
    for region in ("TG-M", "TG-K", "TG-S"):
        run(store, [0.3], region=region)
    with store.read() as connection:
        every = alerts.find(connection, AlertFilter(countries=("TGO",)), LATER)
        first = alert_pages.page(connection, AlertFilter(), LATER, limit=2)
        rest = alert_pages.page(connection, AlertFilter(), LATER, after=first.end, limit=2)
        assert (first.alerts + rest.alerts, rest.end) == (every, None)
        assert alerts.find(connection, AlertFilter(regions=("TG-K",)), LATER)[0].region == "TG-K"
        for nothing in (
            AlertFilter(countries=("BEN",)),
            AlertFilter(targets=("escalation",)),
            AlertFilter(since=origin(1)),
            AlertFilter(until=origin(-1)),
        ):
            assert alerts.find(connection, nothing, LATER) == []


def test_a_decision_sees_standing_alerts_and_the_last_closed_one(store: Store) -> None:
    run(store, [0.3, 0.05, 0.05])
    with store.read() as connection:
        (closed,) = alerts.standing(connection)
    assert closed.state is AlertState.CLOSED


def test_a_decision_sees_a_closed_alert_behind_a_withdrawn_one(store: Store) -> None:
    patient = rule(hold_for=2, cool_down=20)
    for week, probability in enumerate([0.25, 0.25, 0.05, 0.05, 0.5, 0.05, 0.25, 0.25]):
        with store.write() as connection:
            standing = alerts.standing(connection)
            one = score(probability, week)
            changes = decide([one], standing, [patient], moment(week))
            alerts.record(connection, changes, {})
    # Closed in week 3, a higher level was withdrawn in week 5: the cool-down goes on.
    with store.read() as connection:
        kinds = [alert.state for alert in alerts.standing(connection)]
        assert kinds == [AlertState.CLOSED, AlertState.CLOSED]
        assert len([alert for alert in alerts.standing(connection) if alert.closed_on]) == 1


def test_a_rewritten_change_breaks_the_chain(store: Store) -> None:
    run(store, [0.3, 0.5, 0.05, 0.05])
    with store.write() as connection:
        assert alerts.broken_link(connection) is None
        assert alerts.newest_change(connection, LATER) == 4
        second = connection.execute(select(alert_event.c.sequence)).scalars().all()[1]
        connection.execute(
            update(alert_event).where(alert_event.c.sequence == second).values(reason="nicer")
        )
        assert alerts.broken_link(connection) == second


def test_a_projection_that_left_the_chain_is_found_out(store: Store) -> None:
    run(store, [0.3])
    with store.write() as connection:
        assert alerts.inconsistent_alerts(connection, LATER) == []
        connection.execute(update(projection).values(state="closed"))
        assert len(alerts.inconsistent_alerts(connection, LATER)) == 1


def test_rule_texts_are_kept_once(store: Store) -> None:
    with store.write() as connection:
        rule_versions.record(connection, {"h1": ("one", "text")}, moment(0))
        rule_versions.record(connection, {"h1": ("one", "text"), "h2": ("one", "new")}, moment(1))
        assert rule_versions.find(connection, "h1") == RuleVersion("h1", "one", "text", moment(0))
        assert rule_versions.find(connection, "h2") == RuleVersion("h2", "one", "new", moment(1))
        assert rule_versions.find(connection, "h3") is None
