"""Tests of setting up watched folders."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ewarn.pipeline.service import Service
from ewarn.ports import Source
from ewarn.run import schedule
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs
from ingest.exchange.source import ExchangeFolder
from ingest.shared import folder
from tests.pipeline.invented import InventedSource
from tests.run.conftest import Command

HEADER = "source,source_event_id,kind,occurred_on,country\n"


def test_an_import_by_hand_does_not_pass_over_what_lies_in_the_folder(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    monkeypatch.setattr(folder, "AT_REST", timedelta(0))
    monkeypatch.setenv("EWARN_SOURCES", "exchange")
    monkeypatch.setenv("EWARN_EXCHANGE_FOLDER", str(inbox))
    (inbox / "waiting.csv").write_text(HEADER + "office,1,force,2020-01-06,TGO\n")
    by_hand = tmp_path / "by-hand.csv"
    by_hand.write_text(HEADER + "office,2,force,2020-01-06,TGO\n")
    assert ewarn("import", str(by_hand)).code == 0
    counts = json.loads(ewarn("ingest", "--json").out)["sources"]["exchange"]
    assert (counts["health"], counts["accepted"]) == ("ok", 1)
    with Store(f"sqlite:///{tmp_path / 'data' / 'ewarn.db'}").read() as connection:
        assert jobs.waiting(connection, "score") == 1  # the worker need not wait for the next hour
    ewarn("ingest")
    with Store(f"sqlite:///{tmp_path / 'data' / 'ewarn.db'}").read() as connection:
        assert jobs.waiting(connection, "score") == 1  # the same file again brought nothing


def test_a_watched_source_is_looked_at_as_often_as_it_says(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with open_service(settings) as opened:
        sources: dict[str, Source] = {
            "exchange": ExchangeFolder(folder=tmp_path),
            "on-demand": InventedSource(cadence=None),
        }
        service: Service = replace(opened, sources=sources)
        every = {name: job.cadence for name, job in schedule.jobs_of(service).items()}
    assert every.pop("ingest:exchange") == timedelta(minutes=15)
    assert "ingest:on-demand" not in every


def test_a_calendar_is_imported_as_such_whatever_it_is_called(
    ewarn: Command, tmp_path: Path
) -> None:
    path = tmp_path / "votes.txt"
    path.write_text("source_event_id,country,date,what,topic\na,TGO,2020-02-22,vote,election\n")
    counts = json.loads(ewarn("import", str(path), "--json").out)
    assert (counts["accepted"], counts["rejected"]) == (1, [])
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nDTSTART;VALUE=DATE:20200222\nLOCATION:Togo\n"
        "CATEGORIES:election\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert json.loads(ewarn("import", str(path), "--json").out)["accepted"] == 1
