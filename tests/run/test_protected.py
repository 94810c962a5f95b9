"""Tests of setting up field reports: disabled, with the reason, until everything is set."""

import base64
from pathlib import Path

import pytest

from api.serving.access import Reader
from api.serving.withheld import withheld_sources
from ewarn.access.keys import issue
from ewarn.domain.key import SCOPES
from ewarn.errors import SettingsError
from ewarn.pipeline.reports.desk import ReportsDisabled, desk_of
from ewarn.run import settings as settings_module
from ewarn.run.clock import wall
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.run.wiring_api import make_api
from tests.run.conftest import Command

KEY = base64.b64encode(bytes(range(32))).decode()
ALL = {
    "EWARN_SOURCES": "kobo",
    "EWARN_PROTECTION_KEY": KEY,
    "EWARN_PROTECTION_RETENTION_DAYS": "14",
    "EWARN_DATA_CONTROLLER": "An invented office",
    "EWARN_KOBO_TOKEN": "invented",
    "EWARN_KOBO_ASSET": "aForm",
    "EWARN_KOBO_PUSH_SECRET": "an invented secret",
}


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EWARN_DATA_DIR", str(tmp_path))
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def test_a_fresh_service_names_what_is_to_be_set(
    ewarn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_SOURCES", "kobo")
    ran = ewarn("ingest")
    assert ran.code == 0
    assert "kobo: disabled (field reports are read only once these are set: " in ran.out + ran.err


def test_all_settings_reach_the_source_and_the_seal(configured: Path) -> None:
    with open_service(settings_module.load()) as service:
        source = service.sources["kobo"]
        assert source.obstacle is None
        assert source.retention.days == 14
        assert service.sealer is not None
        assert make_api(service, wall).state.ewarn.push_secrets == {"kobo": "an invented secret"}
        assert "invented secret" not in repr(make_api(service, wall).state.ewarn)


@pytest.mark.parametrize("missing", ["EWARN_PROTECTION_KEY", "EWARN_KOBO_PUSH_SECRET"])
def test_while_something_is_missing_nothing_is_pushed(
    configured: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(missing)
    with open_service(settings_module.load()) as service:
        assert make_api(service, wall).state.ewarn.push_secrets == {}


def test_all_settings_reach_the_desk_of_field_reports(
    configured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EWARN_SOURCES", "reports")
    monkeypatch.setenv("EWARN_REPORTS_OFFICE", "dakar")
    with open_service(settings_module.load()) as service:
        desk = desk_of(service)
        assert (desk.licence, desk.retention.days) == ("office:dakar", 14)
        assert desk.controller == "An invented office"
    monkeypatch.delenv("EWARN_DATA_CONTROLLER")
    with (
        open_service(settings_module.load()) as service,
        pytest.raises(ReportsDisabled, match="EWARN_DATA_CONTROLLER"),
    ):
        desk_of(service)


@pytest.mark.parametrize(
    ("name", "value"),
    [("EWARN_PROTECTION_KEY", "c2hvcnQ="), ("EWARN_KOBO_PUSH_SECRET", "short")],
)
def test_a_weak_secret_is_refused_and_not_repeated(
    configured: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name} cannot be used") as caught:
        settings_module.load()
    assert value not in str(caught.value)


def test_what_is_closed_stays_closed_while_it_is_switched_off(tmp_path: Path) -> None:
    with open_service(Settings(data_dir=tmp_path, sources=("chronicle",))) as service:
        state = make_api(service, wall).state.ewarn
        key, _ = issue("a test", SCOPES, ["*"], wall())
        assert {"kobo", "reports"} <= set(withheld_sources(state, Reader(key)))
