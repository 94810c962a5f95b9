"""What installed packages bring comes in through entry points: sources, models and channels."""

import sys
from collections.abc import Callable
from datetime import date
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ewarn.errors import SettingsError
from ewarn.notify.log import LogNotifier
from ewarn.notify.registry import Means
from ewarn.run import wiring
from ewarn.run.settings import Settings
from ingest.chronicle.source import ChronicleSource
from models.detectors.detector import Detector
from models.model_kind import USUAL_PURPOSES

Brought = Callable[..., None]
DAY = date(2026, 1, 5)


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> Brought:
    """Installs invented packages: names of things by group."""

    def install(**things: Any) -> None:
        module = ModuleType("an_invented_package")
        for name, thing in things.items():
            setattr(module, name, thing)
        monkeypatch.setitem(sys.modules, module.__name__, module)

        def points(*, group: str) -> list[EntryPoint]:
            kind = group.removeprefix("ewarn.")
            names = [name for name in things if name.startswith(kind)]
            return [EntryPoint("theirs", f"{module.__name__}:{name}", group) for name in names]

        monkeypatch.setattr(wiring, "entry_points", points)

    return install


def _settings(tmp_path: Path, **others: Any) -> Settings:
    return Settings(data_dir=tmp_path, **others)


def test_a_model_of_theirs_serves_its_source_and_no_other(brought: Brought, tmp_path: Path) -> None:
    target, level = USUAL_PURPOSES[0]

    def models(source: str) -> list[Detector]:
        return [Detector(target, level, source=source)] if source == "theirs" else []

    brought(models=models)
    with wiring.open_service(_settings(tmp_path)) as service:
        theirs, ours = (service.models(name, DAY) for name in ("theirs", "mass-mobilization"))
    assert len(theirs) == len(USUAL_PURPOSES) + 1
    assert isinstance(theirs[-1], Detector)
    assert len(ours) == len(USUAL_PURPOSES)


def test_a_source_and_a_channel_of_theirs_can_be_switched_on(
    brought: Brought, tmp_path: Path
) -> None:
    def notifiers(_: Means) -> LogNotifier:
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
    brought(models=lambda _: [])
    monkeypatch.delitem(sys.modules, "an_invented_package")
    with (
        wiring.open_service(_settings(tmp_path)) as service,
        pytest.raises(SettingsError, match=r"'theirs' in ewarn\.models cannot be loaded"),
    ):
        service.models("gdelt", DAY)
