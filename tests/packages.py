"""Packages outside the tree, installed in a folder of their own."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Brought = Callable[..., None]
MODULE = "an_invented_package"


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Brought:
    """Installs an invented package: what it brings under the name `theirs`, by group."""

    def bring(**things: Any) -> None:
        module = ModuleType(MODULE)
        vars(module).update(things)
        monkeypatch.setitem(sys.modules, MODULE, module)
        points = {f"ewarn.{group}": {"theirs": f"{MODULE}:{group}"} for group in things}
        install(tmp_path / "site", "an-invented-package", points)
        monkeypatch.syspath_prepend(str(tmp_path / "site"))

    return bring


def install(site: Path, name: str, points: Mapping[str, Mapping[str, str]]) -> None:
    """Write what an installer writes of a package: its name, and its entry points by group."""
    about = site / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, those in points.items()
        for line in (f"[{group}]", *(f"{point} = {value}" for point, value in those.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
