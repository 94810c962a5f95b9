"""Tests of pages of alerts: together they are the whole list as of a moment, in its order."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.target import Band, Target
from ewarn.domain.time import DAY
from ewarn.store.alerts import alert_pages, alerts
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.database.engine import Store
from tests.scores import moment, origin

# What becomes of an alert, day by day after it opened: its states, one for each change.
fates = st.lists(
    st.sampled_from([AlertState.OPEN, AlertState.CLOSED, AlertState.CLOSED]), min_size=1, max_size=3
)
opened = st.tuples(st.integers(0, 3), st.sampled_from(["TG-M", "TG-K", "BJ-AL"]), fates)
filters = st.builds(
    AlertFilter,
    countries=st.sampled_from([(), (), ("TGO",), ("TGO", "BEN")]),
    regions=st.sampled_from([(), (), ("TG-M",)]),
    states=st.sampled_from([(), ("open",), ("open", "stale"), ("closed",)]),
    readers=st.sampled_from([None, ("",)]),
    since=st.sampled_from([None, None, origin(1)]),
    until=st.sampled_from([None, None, origin(2)]),
)
NAMES = count()


def changes_of(week: int, region: str, fate: Sequence[AlertState]) -> list[Change]:
    alert = Alert(
        id=f"a{next(NAMES):06}",
        rule="force-admin1",
        region=region,
        country="TGO" if region.startswith("TG") else "BEN",
        target=Target.FORCE,
        horizon_weeks=4,
        state=AlertState.OPEN,
        band=Band.HIGH,
        highest=Band.HIGH,
        probability=0.3,
        opened_on=origin(week),
        closed_on=None,
        last_origin=origin(week),
        score_id="1",
    )
    found = [Change(ChangeKind.OPENED, alert, moment(week), "opened")]
    for days, state in enumerate(fate, start=1):
        at = moment(week) + days * 5 * DAY
        is_closed = state is AlertState.CLOSED
        after = replace(alert, state=state, closed_on=at.date() if is_closed else None)
        found.append(Change(ChangeKind.ASSESSED, after, at, "later"))
    return found


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(opened, max_size=12), filters, st.integers(0, 5), st.integers(1, 3))
def test_pages_are_the_whole_list(
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    lives: list[tuple[int, str, list[AlertState]]],
    wanted: AlertFilter,
    week: int,
    limit: int,
) -> None:
    monkeypatch.setattr(alert_pages, "FIRST_WINDOW", 2)
    monkeypatch.setattr(alert_pages, "MOST_ALERTS", 6)
    changes = [change for life in lives for change in changes_of(*life)]
    with store.engine.connect() as connection, connection.begin() as transaction:
        alerts.record(connection, sorted(changes, key=lambda change: change.at), {})
        whole = alerts.find(connection, wanted, moment(week))
        assert all_pages(connection, wanted, week, limit) == whole
        assert alerts.inconsistent_alerts(connection, moment(9)) == []
        transaction.rollback()


def all_pages(connection: Connection, wanted: AlertFilter, week: int, limit: int) -> list[Alert]:
    found, after = [], None
    while True:
        page = alert_pages.page(connection, wanted, moment(week), after=after, limit=limit)
        found += page.alerts
        after = page.end
        if after is None:
            return found
