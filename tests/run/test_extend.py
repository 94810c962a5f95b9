"""The chapter on sources in docs/extend.md: its code is installed as a package, and works."""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from ewarn.domain.source import Payload
from ewarn.domain.time import midnight
from ewarn.ports import Source
from ingest.registry import GROUP
from tests.contracts.scorable import fault_of
from tests.provider import Provider, Reply, Request
from tests.run.conftest import Command

CHAPTER = Path(__file__).parents[2] / "docs" / "extend.md"
FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.M | re.S)
NAME, PREFIX = "weather-of-unrest", "EWARN_WEATHER_OF_UNREST_"
ROWS = "id,day,country,what\n1,{day},Togo,march\n2,{day},Togo,picnic\n3,,Togo,march\n"


def install(site: Path, name: str, points: dict[str, str]) -> None:
    """Write what an installer writes of a package: its name and its entry points."""
    about = site / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = "".join(f"{point} = {value}\n" for point, value in points.items())
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{lines}")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EntryPoint]:
    """The package of the chapter, outside the tree."""
    site = tmp_path / "site"
    for name, code in FILE.findall(CHAPTER.read_text(encoding="utf-8")):
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    project = tomllib.loads((site / "pyproject.toml").read_text())["project"]
    points = project["entry-points"][GROUP]
    install(site, project["name"], points)
    monkeypatch.syspath_prepend(str(site))
    yield EntryPoint(NAME, points[NAME], GROUP)
    for module in [module for module in sys.modules if module.startswith("weather_of_unrest")]:
        del sys.modules[module]


def of_the_week(request: Request) -> Reply:
    """The invented provider: a file of any week, for those who have its key."""
    if request.headers.get("x-key") != "an invented key":
        return Reply(b"who are you?", 401)
    return Reply(ROWS.format(day=request.path[1:11]).encode())


def test_the_source_of_the_chapter_is_set_up_read_and_told_of(
    ewarn: Command,
    installed: EntryPoint,
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EWARN_SOURCES", NAME)
    monkeypatch.setenv(f"{PREFIX}ULR", provider.url)
    assert f"did you mean {PREFIX}URL?" in ewarn("status").err
    monkeypatch.delenv(f"{PREFIX}ULR")
    (tmp_path / ".env").write_text(f"{PREFIX}URL={provider.url}\n")
    said = json.loads(ewarn("status", "--json").out)["sources"][NAME]
    assert said == f"disabled: it needs a key: set {PREFIX}KEY"

    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / f"{PREFIX}KEY".lower()).write_text("an invented key")
    monkeypatch.setenv("EWARN_SECRETS_DIR", str(tmp_path / "secrets"))
    provider.otherwise = of_the_week
    read = json.loads(ewarn("ingest", NAME, "--json").out)["sources"][NAME]
    assert (read["health"], read["accepted"], read["skipped"]) == ("ok", 1, 1)
    assert read["rejected"] == [{"line": 4, "reason": "day is empty."}]
    assert len(provider.requests) == 1
    assert json.loads(ewarn("status", "--json").out)["sources"][NAME].startswith("ok: ")


def test_the_source_of_the_chapter_keeps_the_contract_of_scores(installed: EntryPoint) -> None:
    source: Source = installed.load()()
    assert isinstance(source, Source)
    monday = date(2020, 1, 6)
    body = ROWS.format(day=monday).encode()
    fetched_at = midnight(monday) + timedelta(days=9)
    assert fault_of(source, Payload(NAME, "sample", body, fetched_at, monday, monday)) is None


def test_a_package_whose_options_cannot_be_loaded_is_named(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "site", "broken", {"broken": "a_package_that_is_gone.source:Source"})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    ran = ewarn("status")
    assert ran.code == 2
    assert "the options of the source 'broken' cannot be loaded" in ran.err
