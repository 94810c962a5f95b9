"""The code of the chapters of docs/extend.md, as packages installed outside the tree."""

import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from tests.packages import install

DOCUMENT = Path(__file__).parents[2] / "docs" / "extend.md"
_FILE = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```$", re.M | re.S)
Install = Callable[..., list[EntryPoint]]


def chapter(title: str) -> dict[str, str]:
    """The files of a chapter, by path."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (found,) = (
        part for part in re.split(r"^## ", text, flags=re.M) if part.startswith(f"{title}\n")
    )
    return dict(_FILE.findall(found))


def build(title: str, site: Path) -> list[EntryPoint]:
    """Write and install the package of a chapter; its entry points."""
    for name, code in chapter(title).items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    project = tomllib.loads((site / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    install(site, project["name"], project["entry-points"])
    return [
        EntryPoint(name, value, group)
        for group, points in project["entry-points"].items()
        for name, value in points.items()
    ]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs the packages of some chapters, and forgets them afterwards."""
    made: list[EntryPoint] = []

    def install_all(*titles: str) -> list[EntryPoint]:
        for title in titles:
            site = tmp_path / "site" / title.replace(" ", "-")
            made.extend(build(title, site))
            monkeypatch.syspath_prepend(str(site))
        return made

    yield install_all
    packages = {point.module.partition(".")[0] for point in made}
    for module in [each for each in sys.modules if each.partition(".")[0] in packages]:
        del sys.modules[module]


def own_tests(points: Sequence[EntryPoint], **fixtures: Any) -> None:
    """Run the test that the chapter of each of some packages has."""
    for point in points:
        package = point.module.partition(".")[0]
        test = import_module(f"{package}.test_contract").test_it_keeps_the_contract
        names = test.__code__.co_varnames[: test.__code__.co_argcount]
        test(**{name: fixtures[name] for name in names})
