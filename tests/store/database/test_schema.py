from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from ewarn.domain.alert import Alert, AlertState, Assessment, Change, ChangeKind
from ewarn.domain.target import Band, Target
from ewarn.errors import StoreError
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import (
    _config,
    current_revision,
    head_revision,
    make_ready,
    migrate,
)
from ewarn.store.intake import runs
from ewarn.store.scores import score_pages, scores
from ewarn.store.tables.every_table import METADATA
from tests.postgresql import Server
from tests.scores import moment, origin, score


def test_the_migrated_schema_is_the_one_in_tables(store: Store) -> None:
    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_migrating_twice_changes_nothing(store: Store) -> None:
    assert migrate(store) == (head_revision(), head_revision())


def test_any_use_creates_an_sqlite_store(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'new' / 'ewarn.db'}")
    make_ready(store)
    assert current_revision(store) == head_revision()
    store.dispose()


def test_an_empty_postgresql_database_asks_to_be_migrated(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE never_migrated")
    store = Store(postgresql.url("never_migrated"))
    with pytest.raises(StoreError, match="run `ewarn migrate`"):
        make_ready(store)
    store.dispose()


def test_an_unreachable_database_is_one_clear_sentence(tmp_path: Path) -> None:
    store = Store(f"postgresql://nobody@/ewarn?host={tmp_path}")
    with pytest.raises(StoreError, match=r"cannot be used: .*check EWARN_DATABASE_URL"):
        current_revision(store)
    store.dispose()


def test_the_first_revision_can_be_taken_back_and_made_again(store: Store) -> None:
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert current_revision(store) is None
    assert migrate(store) == (None, head_revision())


_OLD_RUNS = """
INSERT INTO ingest_run (source, recorded_at, health, reason, accepted, unchanged, versions,
                        tombstones, rejected, skipped, read_until, payload_id)
VALUES ('{source}', '2020-01-06 12:00:00', 'ok', 'read', 1, 0, 0, 0, 0, '{{}}', {mark}, {id})
"""
_OLD_PAYLOAD = """
INSERT INTO raw_payload (id, source, name, sha256, size, fetched_at, body)
VALUES ({id}, '{source}', '{source}.csv', '{id}', 0, '2020-01-06 12:00:00', '')
"""


def test_cursors_of_an_older_store_go_on_but_an_import_by_hand_moves_none(store: Store) -> None:
    config = _config()
    with store.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        marks = {"gdelt": "'2020-01-06 11:45:00'", "chronicle": "NULL", "exchange": "NULL"}
        for id_, (source, mark) in enumerate(marks.items(), start=1):
            connection.execute(text(_OLD_PAYLOAD.format(id=id_, source=source)))
            connection.execute(text(_OLD_RUNS.format(id=id_, source=source, mark=mark)))
    migrate(store)
    noon = datetime(2020, 1, 6, 12, tzinfo=UTC)
    with store.read() as connection:
        assert runs.read_until(connection, "gdelt") == noon - timedelta(minutes=15)
        assert runs.read_until(connection, "chronicle") == noon
        assert runs.read_until(connection, "exchange") is None
        assert runs.names_read(connection, "exchange", ["exchange.csv"]) == {"exchange.csv"}


def test_a_score_of_an_older_store_is_kept_and_knows_no_false_discoveries(store: Store) -> None:
    with store.write() as connection:
        scores.record(connection, "invented", origin(0), "", [score(0.3)], moment(0))
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
    migrate(store)
    with store.read() as connection:
        (kept,) = score_pages.history(connection, Cut(), scores.ScoreFilter(), limit=9)
    assert kept == score(0.3, id=kept.id)


def test_alerts_of_an_older_store_stand_as_they_were(store: Store) -> None:
    day = origin(1)
    standing = Alert(
        *("a1", "force-admin1", "TG-M", "TGO", Target.FORCE, 4, AlertState.OPEN),
        *(Band.HIGH, Band.CRITICAL, 0.3, day, None, day, "7"),
        acknowledged_by="Dakar",
        assessment=Assessment.UNCLEAR,
        told=Band.HIGH,
        tier=2,
        waiting_since=moment(1) + timedelta(hours=5, microseconds=7),
        warned_on=day,
        warned_at=0.4,
        situation=True,
    )
    closed = replace(standing, id="a2", state=AlertState.CLOSED, closed_on=day, waiting_since=None)
    with store.write() as connection:
        changes = [Change(ChangeKind.OPENED, each, moment(1), "") for each in (standing, closed)]
        alerts.record(connection, changes, {})
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0017")
        told = connection.execute(text("SELECT told FROM alert WHERE stale = false")).scalars()
        assert set(told) == {"high"}
    migrate(store)
    with store.read() as connection:
        assert alerts.standing(connection) == [standing, closed]
        assert alerts.broken_link(connection) is None
        assert alerts.inconsistent_alerts(connection, moment(2)) == []


def test_a_revision_made_from_the_tables_would_be_empty(store: Store) -> None:
    config = _config()
    with store.read() as connection:
        config.attributes["connection"] = connection
        command.check(config)
