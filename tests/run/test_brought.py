"""Tests that sources, models and channels of installed packages are found by entry points."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import SettingsError
from ewarn.notify.channels.log import LogNotifier
from ewarn.notify.channels.registry import ChannelResources
from ewarn.run import wiring
from ewarn.run.settings import Settings
from ingest.chronicle.source import ChronicleSource
from models.detectors.detector import Detector
from models.detectors.kind import DETECTOR
from models.model_kind import USUAL_PURPOSES, ModelRequest
from tests.packages import MODULE, Brought, brought

DAY = date(2026, 1, 5)
__all__ = ["brought"]


def _settings(tmp_path: Path, **others: Any) -> Settings:
    return Settings(data_dir=tmp_path, **others)


def test_a_kind_of_model_of_theirs_serves_where_it_says_and_never_in_place_of_a_probability(
    brought: Brought, tmp_path: Path
) -> None:
    class Theirs(Detector):
        name = "theirs"

    def serve(target: Target, level: Level, request: ModelRequest) -> Theirs | None:
        asked = request.source in ("gdelt", "mass-mobilization", "acled")
        return Theirs(target, level, source=request.source) if asked else None

    purposes = USUAL_PURPOSES[:1]
    brought(models=replace(DETECTOR, name="theirs", purposes=purposes, serve=serve))
    with wiring.open_service(_settings(tmp_path)) as service:
        names = {
            source: [model.name for model in service.models(source, DAY)]
            for source in ("gdelt", "mass-mobilization", "acled")
        }
    assert names == {
        "gdelt": ["theirs", *["detector"] * 3],
        "mass-mobilization": ["ensemble"] * 4,
        "acled": ["detector"] * 4,  # its terms restrict the results to its account
    }


def test_a_source_and_a_channel_of_theirs_can_be_switched_on(
    brought: Brought, tmp_path: Path
) -> None:
    def notifiers(_: ChannelResources) -> LogNotifier:
        return LogNotifier()

    brought(notifiers=notifiers, sources=lambda _web=None: ChronicleSource())
    chosen = _settings(tmp_path, deliver=("theirs",), sources=("theirs",))
    with wiring.open_service(chosen) as service:
        assert set(service.notifiers) == {"log", "theirs"}
        assert set(service.sources) == {"theirs"}
    with (
        pytest.raises(SettingsError, match=r"the channels are .*log, theirs, webhook"),
        wiring.open_service(_settings(tmp_path, deliver=("pigeon",))),
    ):
        pass


def test_what_cannot_be_loaded_is_named(
    brought: Brought, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    brought(models=DETECTOR)
    monkeypatch.delitem(sys.modules, MODULE)
    with (
        wiring.open_service(_settings(tmp_path)) as service,
        pytest.raises(SettingsError, match=r"'theirs' in ewarn\.models cannot be loaded"),
    ):
        service.models("gdelt", DAY)
