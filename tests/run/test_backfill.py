"""Tests of `ewarn ingest gdelt --since DAY` as a process, with a provider on this machine."""

import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events import counts, volumes
from ewarn.store.intake import runs
from ewarn.store.tables.events import event_version
from ewarn.store.tables.intake import ingest_run
from tests.ingest.gdelt.provider import line, listing, md5, zip_of
from tests.provider import Provider, Reply, Request
from tests.run.conftest import Command
from tests.run.test_services import running

MONDAY = datetime(2017, 10, 16, tzinfo=UTC)
FILES = 60
BLOCKED_AT = 30
OPTIONS = ("--since", "2017-10-18", "--until", "2017-10-18", "--json")


def name_of(number: int) -> str:
    return f"{MONDAY + number * timedelta(minutes=15):%Y%m%d%H%M%S}.export.CSV.zip"


def body_of(number: int) -> bytes:
    """A story of its own, one that every file tells again, and a row of no tracked kind."""
    rows = [
        line(added=name_of(number)[:14], day="20171016", **changes)
        for changes in (
            {"feature": f"f{number}", "id": str(number)},
            {"mentions": str(number), "id": str(1000 + number)},
            {"code": "010"},
        )
    ]
    return zip_of("\n".join(rows) + "\n")


@pytest.fixture
def bodies(provider: Provider) -> dict[str, bytes]:
    """Sixty files, served and listed."""
    found = {name_of(number): body_of(number) for number in range(FILES)}
    lines = listing(*((name, body, md5(body)) for name, body in found.items()))
    provider.answers["/masterfilelist.txt"] = [Reply(lines)]
    provider.answers |= {f"/{name}": [Reply(body)] for name, body in found.items()}
    return found


def settings(provider: Provider, database: str) -> dict[str, Any]:
    return {"EWARN_GDELT_URL": provider.url, "EWARN_DATABASE_URL": database}


def finished(folder: Path, environment: dict[str, Any]) -> dict[str, Any]:
    with running(folder, "ingest", "gdelt", *OPTIONS, **environment) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


@contextmanager
def blocking(provider: Provider) -> Iterator[threading.Event]:
    """A provider that stops to answer at a file; the event says that it was asked for it."""
    asked, release = threading.Event(), threading.Event()
    path = f"/{name_of(BLOCKED_AT)}"
    kept = provider.answers.pop(path)

    def wait(request: Request) -> Reply:
        if request.path == path:
            asked.set()
            release.wait(30)
        return Reply(b"", 404)

    provider.otherwise = wait
    try:
        yield asked
    finally:
        release.set()
        provider.answers[path] = kept


def test_killed_in_the_middle_it_loses_and_doubles_nothing(
    provider: Provider, bodies: dict[str, bytes], database_url: str, tmp_path: Path
) -> None:
    environment = settings(provider, database_url)
    with (
        blocking(provider) as asked,
        running(tmp_path, "ingest", "gdelt", *OPTIONS, **environment) as process,
    ):
        assert asked.wait(30)
        process.kill()
        process.wait()
    store = Store(database_url)
    with store.read() as connection:
        before = runs.names_read(connection, "gdelt", list(bodies))
    report = finished(tmp_path, environment)
    assert (report["files"], report["known"]) == (FILES - len(before), len(before))
    assert report["warnings"] == 0
    assert 0 < len(before) < FILES
    assert_read_once(store, bodies)
    store.dispose()


def test_interrupted_it_ends_at_once_and_says_how_to_go_on(
    provider: Provider, bodies: dict[str, bytes], database_url: str, tmp_path: Path
) -> None:
    environment = settings(provider, database_url)
    with (
        blocking(provider) as asked,
        running(tmp_path, "ingest", "gdelt", *OPTIONS, apart=True, **environment) as process,
    ):
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=5)
    assert process.returncode == 130
    assert said == ""
    assert "run the same command again to go on" in told
    assert "Traceback" not in told
    assert finished(tmp_path, environment)["warnings"] == 0
    store = Store(database_url)
    assert_read_once(store, bodies)
    store.dispose()


def assert_read_once(store: Store, bodies: dict[str, bytes]) -> None:
    with store.read() as connection:
        names = connection.execute(select(ingest_run.c.payload_name)).scalars().all()
        events = connection.execute(
            select(func.count(), func.count(event_version.c.source_event_id.distinct()))
        ).one()
        found = counts.counts(connection, Cut())
        measured = volumes.volumes(connection, Cut(), "gdelt", date(2017, 1, 1), date(2018, 1, 1))
        end = datetime(2100, 1, 1, tzinfo=UTC)
        assert counts.disagreements(connection, as_of=end, recorded_by=end) == {}
    assert sorted(names) == sorted(bodies)
    assert tuple(events) == (2 * FILES, FILES + 1)  # the story told again is one event
    assert found["delta"].tolist() == [FILES + 1]
    assert measured["records"].tolist() == [3 * FILES]


def test_a_file_that_is_damaged_is_a_warning(
    provider: Provider, bodies: dict[str, bytes], sqlite_url: str, tmp_path: Path
) -> None:
    provider.answers[f"/{name_of(3)}"] = [Reply(bodies[name_of(3)][:-9])]
    report = finished(tmp_path, settings(provider, sqlite_url))
    assert (report["files"], report["warnings"]) == (FILES - 1, 1)
    assert report["unread"][0]["name"] == name_of(3)
    assert report["rows"] == 3 * (FILES - 1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gdelt", "--until", "2017-10-18"), "give its first day with --since"),
        (("--since", "2017-10-18"), "--since back-fills one source: name it"),
        (("chronicle", "--since", "2017-10-18"), "keeps no archive to back-fill from"),
        (("acme", "--since", "2017-10-18"), "'acme' is not switched on"),
        (("gdelt", "--since", "18.10.2017"), "--since: '18.10.2017' is not a day"),
        (
            ("gdelt", "--since", "2017-10-18", "--until", "2017-10-16"),
            "2017-10-16 lies before 2017-10-18",
        ),
        (("gdelt", "--since", "2099-10-18"), "--since: 2099-10-18 lies in the future"),
        (("gdelt", "--since", "9999-12-31", "--until", "9999-12-31"), "lies in the future"),
    ],
)
def test_what_cannot_be_back_filled_is_said(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.setenv("EWARN_SOURCES", "gdelt,chronicle")
    monkeypatch.setenv("EWARN_GDELT_URL", "http://127.0.0.1:9")
    ran = ewarn("ingest", *arguments)
    assert ran.code == 2
    assert message in ran.err


def test_a_provider_that_is_away_is_one_sentence(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_GDELT_URL", "http://127.0.0.1:9")
    ran = ewarn("ingest", "gdelt", "--since", "2017-10-18", "--until", "2017-10-18")
    assert ran.code == 1
    assert "did not answer" in ran.err
    assert "Traceback" not in ran.err
