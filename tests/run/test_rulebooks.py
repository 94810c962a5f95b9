"""Tests of rules that change while a service runs: valid ones hold from the next decision on."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from ewarn.access.keys import issue
from ewarn.domain.alert import AlertState
from ewarn.domain.key import READ_SCOPES
from ewarn.errors import SettingsError
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.service import Service
from ewarn.run.rulebooks import Rulebooks, read_rulebook
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import make_api
from ewarn.run.work.worker import Worker
from ewarn.store.access import keys
from ewarn.store.alerts import alerts
from ewarn.store.delivery import heartbeats
from ewarn.store.tables.delivery import notification
from tests.api.client import Client
from tests.pipeline.weeks import REGION, play
from tests.run.conftest import Command
from tests.scores import moment

RULE = """\
- {{id: {id}, target: force, level: admin1, horizon_weeks: 4, raise_at: {at}, close_below: 0.01}}
"""
BROKEN = RULE.format(id="one", at=0.4).replace("force", "peace")
PACKAGED = [rule.id for rule in read_rulebook(None).rules]


def write(folder: Path, text: str) -> None:
    """Write a file of rules as one that changed: clocks of file systems may be coarse."""
    path = folder / "rules.yaml"
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    after = max(path.stat().st_mtime_ns, before + 1_000_000)
    os.utime(path, ns=(after, after))


def rule(id_: str = "one", at: float = 0.9) -> str:
    return RULE.format(id=id_, at=at)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "config"
    made.mkdir()
    write(made, rule())
    return made


@pytest.fixture
def service(folder: Path, tmp_path: Path, sqlite_template: Path) -> Iterator[Service]:
    path = tmp_path / "ewarn.db"
    path.write_bytes(sqlite_template.read_bytes())
    chosen = Settings(
        database_url=f"sqlite:///{path}", data_dir=tmp_path, config_dir=folder, sources=()
    )
    with open_service(chosen) as opened:
        yield opened


def ids(service: Service) -> list[str]:
    return [rule.id for rule in service.with_current_rules().rulebook.rules]


def test_a_changed_file_is_in_force_at_the_next_verb_of_a_running_worker(
    service: Service, folder: Path
) -> None:
    worker = Worker(service, lambda: moment(1), threading.Event())
    play(service, 1, {REGION: 0.5})
    worker.work_once()
    with service.store.read() as connection:
        assert alerts.standing(connection) == []
    write(folder, rule(at=0.4))
    second = Worker(service, lambda: moment(2), threading.Event())
    play(service.with_current_rules(), 2, {REGION: 0.5})
    second.work_once()
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert standing.state is AlertState.OPEN


def test_what_the_job_of_a_worker_decides_by_is_read_anew(service: Service, folder: Path) -> None:
    worker = Worker(service, lambda: moment(1), threading.Event())
    write(folder, rule(at=0.4))
    play(service, 1, {REGION: 0.5})  # the old rules hold, so nothing opens
    worker.work_once()
    with service.store.read() as connection:
        (standing,) = alerts.standing(connection)
        assert standing.state is AlertState.OPEN
        assert connection.execute(select(notification.c.recipient)).scalars().all()


def test_the_api_tells_of_the_rules_in_force_and_when_they_are_broken(
    service: Service, folder: Path
) -> None:
    key, text = issue("a test", READ_SCOPES, ["*"], moment(0))
    with service.store.write() as connection:
        keys.add(connection, key)
    client = Client(make_api(service, lambda: moment(1)), {"X-API-Key": text})
    assert [each["id"] for each in client.items("/v1/rules")] == ["one"]
    write(folder, rule("two"))
    assert [each["id"] for each in client.items("/v1/rules")] == ["two"]
    assert "ewarn_rules_broken 0.0" in client.get("/metrics").text
    write(folder, BROKEN)
    assert [each["id"] for each in client.items("/v1/rules")] == ["two"]
    status = client.get("/v1/status")
    assert status.json()["rules_broken"] is True
    assert str(folder) not in status.text
    assert "ewarn_rules_broken 1.0" in client.get("/metrics").text


def test_a_broken_file_is_said_once_and_again_when_it_is_mended(
    service: Service, folder: Path
) -> None:
    with capture_logs() as said:
        write(folder, BROKEN)
        assert [ids(service) for _ in range(3)] == [["one"]] * 3
        write(folder, "- {id: [")
        assert ids(service) == ["one"]
        write(folder, rule("mended"))
        assert [ids(service) for _ in range(2)] == [["mended"]] * 2
    assert [line["log_level"] for line in said] == ["error", "error", "info"]
    assert f"{folder / 'rules.yaml'}, line 1: 'peace' is not a target" in said[0]["reason"]
    assert said[2]["rules"] == ["mended"]
    assert service.rules_problem() == ""


def test_without_the_file_the_package_s_rules_hold(service: Service, folder: Path) -> None:
    (folder / "rules.yaml").unlink()
    assert ids(service) == PACKAGED
    folder.rmdir()
    assert ids(service) == PACKAGED
    folder.mkdir()
    write(folder, rule("back"))
    assert ids(service) == ["back"]


def test_a_rule_for_an_office_that_is_gone_is_broken_too(service: Service, folder: Path) -> None:
    write(folder, rule().replace("raise_at", "offices: [nowhere], raise_at"))
    assert ids(service) == ["one"]
    assert "nowhere" in service.rules_problem()


def test_a_service_does_not_start_under_broken_rules_but_who_only_looks_sees_them(
    folder: Path,
) -> None:
    write(folder, BROKEN)
    with pytest.raises(SettingsError, match=r"rules\.yaml, line 1: 'peace' is not a target"):
        Rulebooks(folder)
    looking = Rulebooks(folder, forgiving=True)
    assert [rule.id for rule in looking().rules] == PACKAGED
    assert "'peace' is not a target" in looking.problem
    write(folder, rule("mended"))
    assert [rule.id for rule in looking().rules] == ["mended"]
    assert looking.problem == ""


def test_status_and_doctor_name_broken_rules_and_alerts_without_one(
    ewarn: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = f"sqlite:///{tmp_path}/ewarn.db"
    monkeypatch.setenv("EWARN_CONFIG_DIR", str(folder))
    monkeypatch.setenv("EWARN_DATABASE_URL", database)
    write(folder, rule(at=0.4))
    chosen = Settings(database_url=database, data_dir=tmp_path, config_dir=folder)
    with open_service(chosen) as service:
        play(service, 1, {REGION: 0.5})
        write(folder, rule("another"))
        said = ewarn("status").out
        assert "rules: in force: another; alerts without a rule" in said
        assert f"(one, {REGION})" in said
        assert f"(one, {REGION})" in ewarn("doctor").out
        alert(service.with_current_rules(), moment(2))
        assert "alerts without a rule" not in ewarn("status").out
        write(folder, BROKEN)
        broken = ewarn("status")
        assert broken.code == 1
        assert "rules: BROKEN: " in broken.out
        assert "'peace' is not a target" in broken.out
        write(folder, rule("another"))
        with service.store.write() as connection:
            told = {"worker": "w", "problem": "rules.yaml, line 9: wrong there"}
            heartbeats.beat(connection, heartbeats.RULES, moment(2), told)
        assert "line 9: wrong there" in ewarn("status").out
