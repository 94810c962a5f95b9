"""Tests that restricted data stay restricted in the whole service, also after a source is off.

The rows are invented. They have the name of ACLED because its terms are tested.
"""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ewarn.access.keys import issue
from ewarn.domain.key import READ_SCOPES
from ewarn.domain.source import Coverage, Health, Payload
from ewarn.domain.time import midnight
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.intake.intake import store_batches
from ewarn.pipeline.scoring.scorable import outlooks, sources_to_score
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run import settings
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import make_api
from ewarn.store.access import keys
from ingest.acled.rows import read_rows
from models.detectors.detector import Detector
from tests.api.client import Client
from tests.ingest.acled.provider import invented, listed
from tests.run.conftest import Command

NOW = datetime(2025, 11, 24, 6, tzinfo=UTC)  # a Monday: the origin lies six hours back


def fill() -> None:
    """Store a reading of ACLED with its coverage, as if it had been fetched."""
    payload = Payload("acled", "page", listed([invented(n) for n in range(7)]), NOW)
    batch = read_rows(payload, load_gazetteer())
    covered = Coverage("acled", "*", date(2024, 1, 1), date(2025, 11, 17))
    known = ParsedBatch(batch.events, coverage=(covered,))
    with open_service(settings.load()) as service:
        assert store_batches(service, payload, [known], NOW).health is Health.OK


def client_of(service: Service, now: datetime = NOW, *licences: str) -> Client:
    """A client with a key for everything that a key can be for, and some licences."""
    key, text = issue("a test", READ_SCOPES, ("*",), NOW, licences=licences)
    with service.store.write() as connection:
        keys.add(connection, key)
    return Client(make_api(service, lambda: now), {"X-API-Key": text})


@pytest.mark.parametrize("switched_on", ["gdelt", "gdelt,acled"])
def test_no_key_sees_a_row_or_a_count_of_it(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, switched_on: str
) -> None:
    fill()
    monkeypatch.setenv("EWARN_SOURCES", switched_on)
    with open_service(settings.load()) as service:
        client = client_of(service)
        assert client.items("/v1/events") == []
        assert client.items("/v1/events?source=acled") == []
        assert client.get("/v1/events/acled/TGO1/versions").status_code == 404
        series = client.get("/v1/regions/TGO/series?weeks=8").text
        assert "acled:" not in series
        told = {item["source"]: item for item in client.items("/v1/sources")}
        assert told["acled"]["redistribute"] is False
        assert told["acled"]["train"] is False
        models = client.get("/v1/models").text
        assert "acled" not in models


def test_only_what_may_be_learned_from_is_pooled(ewarn: Command) -> None:
    with open_service(settings.load()) as service:
        pooled = {
            name: {
                model.pooled
                for model in service.models(name, date(2026, 1, 5))
                if isinstance(model, Detector)
            }
            for name in (*service.terms, "a file")
        }
        shown = {name: terms.train for name, terms in service.terms.items()}
    assert pooled["gdelt"] == {True}
    assert pooled["calendar"] == pooled["acled"] == pooled["a file"] == {False}
    assert all(found <= {shown.get(name, False)} for name, found in pooled.items())


@pytest.mark.parametrize("switched_on", ["gdelt", "acled"])
def test_the_command_passes_it_over_and_says_why(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, switched_on: str
) -> None:
    fill()
    monkeypatch.setenv("EWARN_SOURCES", switched_on)
    ran = ewarn("score", "acled", "--json")
    assert ran.code == 0
    assert [run["scores"] for run in json.loads(ran.out)["runs"]] == [0]
    assert "its terms allow no score that others see" in ran.err


def test_rows_that_a_file_brings_under_its_name_are_bound_as_well(
    ewarn: Command, tmp_path: Path
) -> None:
    file = tmp_path / "acled.csv"
    file.write_text(
        "source,source_event_id,kind,occurred_on,country\nacled,TGO1,protest,2025-11-03,TGO\n"
    )
    assert ewarn("import", str(file)).code == 0
    with open_service(settings.load()) as service:
        later = midnight(date(2100, 1, 1))  # what a file brings is recorded by the wall clock
        assert client_of(service, later).items("/v1/events") == []


def test_settings_reach_the_sources(ewarn: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EWARN_SOURCES", "acled,hapi")
    with open_service(settings.load()) as service:
        assert "EWARN_ACLED_USERNAME" in str(service.sources["acled"].obstacle)
        assert "EWARN_HAPI_EMAIL" in str(service.sources["hapi"].obstacle)
    monkeypatch.setenv("EWARN_ACLED_USERNAME", "reader@example.org")
    monkeypatch.setenv("EWARN_ACLED_PASSWORD", "invented")
    monkeypatch.setenv("EWARN_ACLED_SINCE", "2020-01-01")
    monkeypatch.setenv("EWARN_HAPI_EMAIL", "reader@example.org")
    assert "invented" not in repr(settings.load())
    with open_service(settings.load()) as service:
        assert service.sources["acled"].obstacle is None
        assert service.sources["hapi"].obstacle is None


def test_a_stated_licence_opens_a_source_to_its_holders(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()
    monkeypatch.setenv("EWARN_SOURCES", "gdelt,acled")
    monkeypatch.setenv("EWARN_ACLED_LICENCE", "own-desk")
    with open_service(settings.load()) as service:
        readers = {name: terms.readers for name, terms in service.terms.items() if terms.readers}
        assert readers == {"acled": "acled", "hapi": "acled"}
        models = service.models("acled", date(2025, 11, 24))
        assert {model.pooled for model in models if isinstance(model, Detector)} == {False}
        assert sources_to_score(service, NOW) == ["acled"]
        assert score(service, "acled", NOW).scores > 0
        holder, other = client_of(service, NOW, "acled"), client_of(service, NOW)
        for path in ("/v1/events", "/v1/scores", "/v1/models"):
            assert "acled" in holder.get(path).text, path
            assert "acled" not in other.get(path).text, path
        assert other.items("/v1/events") == other.items("/v1/scores") == []
        assert [item["source"] for item in other.items("/v1/sources")] == ["gdelt"]
    made = json.loads(ewarn("keys", "create", "conflict desk", "--licence", "acled", "--json").out)
    assert made["licences"] == ["acled"]
    listed_keys = json.loads(ewarn("keys", "list", "--json").out)["keys"]
    assert ["acled"] in [key["licences"] for key in listed_keys]
    refused = ewarn("keys", "create", "a desk", "--licence", "polecat")
    assert refused.code != 0
    assert "no source has this licence; the licences are: acled" in refused.err


@pytest.mark.parametrize("name", ["kobo", "reports"])
def test_reports_of_no_office_are_scored_for_nobody(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    setting = f"EWARN_{name.upper()}_OFFICE"
    monkeypatch.setenv("EWARN_SOURCES", name)
    with open_service(settings.load()) as service:
        assert service.terms[name].is_closed
        (found,) = outlooks(service, NOW)
        assert (found.is_scored, setting in found.reason) == (False, True)
    monkeypatch.setenv(setting, "dakar")
    with open_service(settings.load()) as service:
        assert service.terms[name].readers == "office:dakar"
        assert service.is_scored(name)
    monkeypatch.setenv(setting, "atlantis")
    refused = ewarn("sources")
    assert refused.code != 0
    assert f"{setting} names 'atlantis'; the offices are" in refused.err


@pytest.mark.parametrize("name", ["EWARN_ACLED_LICENCE", "EWARN_POLECAT_LICENCE"])
def test_nothing_else_states_a_licence(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "yes")
    refused = ewarn("sources")
    assert refused.code != 0
    assert name in refused.err
    assert "own-desk" in refused.err
