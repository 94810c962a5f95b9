"""Tests of the revision: it changes whenever something that lists show changes, and only then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, update

from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.source import Coverage, Health
from ewarn.store.access import keys
from ewarn.store.database.engine import Store
from ewarn.store.database.revision import RevisionReader
from ewarn.store.delivery import heartbeats
from ewarn.store.events import events
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.scores import scores
from ewarn.store.tables.access import api_key
from tests.events import frame, row
from tests.scores import moment, origin, score
from tests.stores import statements

NOW = moment(0)
KEY, _ = issue("a test", READ_SCOPES, ["*"], NOW)


def read(connection: Connection) -> None:
    run = runs.Run("invented", NOW, Health.OK, "read", Appended(), 0, {}, None)
    runs.record_run(connection, runs.Reading(run))


def cover(connection: Connection) -> None:
    run = runs.Run("invented", NOW, Health.OK, "read", Appended(), 0, {}, None)
    covered = (Coverage("invented", "TGO", origin(-1), origin(0)),)
    runs.record_run(connection, runs.Reading(run, covered=covered))


def record_scores(connection: Connection) -> None:
    scores.record(connection, "invented", origin(0), "0", [replace(score(0.3), id="")], NOW)


def report(connection: Connection) -> None:
    events.append(connection, frame(row("e1")), NOW)


def expire(connection: Connection) -> None:
    connection.execute(update(api_key).values(expires_at=NOW + timedelta(days=1)))


def revoke(connection: Connection) -> None:
    keys.revoke(connection, KEY.prefix, NOW)


@pytest.mark.parametrize("write", [read, cover, record_scores, report])
def test_content_that_lists_show_changes_it(
    store: Store, write: Callable[[Connection], None]
) -> None:
    reader = RevisionReader(store)
    before = reader.read()
    with store.write() as connection:
        write(connection)
    after = reader.read()
    assert (after.content != before.content, after.keys == before.keys) == (True, True)
    assert reader.read() == after


@pytest.mark.parametrize("write", [expire, revoke])
def test_a_change_of_a_key_changes_it(store: Store, write: Callable[[Connection], None]) -> None:
    reader = RevisionReader(store)
    with store.write() as connection:
        keys.add(connection, KEY)
    before = reader.read()
    with store.write() as connection:
        write(connection)
    after = reader.read()
    assert (after.content == before.content, after.keys != before.keys) == (True, True)


def test_a_heartbeat_does_not_change_it(store: Store) -> None:
    reader = RevisionReader(store)
    before = reader.read()
    with store.write() as connection:
        heartbeats.beat(connection, heartbeats.DELIVERER, NOW, {})
    assert reader.read() == before


def test_on_sqlite_the_tables_are_read_only_after_a_commit(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    reader = RevisionReader(store)
    reader.read()
    with statements(store) as seen:
        for _ in range(3):
            reader.read()
    assert (reader.is_quick, seen) == (True, [])
    store.dispose()
