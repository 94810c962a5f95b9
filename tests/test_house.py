"""Tests of the structure of the code: size of packages and files, and who reads the clock."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PACKAGES = ("ewarn", "api", "ingest", "models")
SOURCES = [path for package in PACKAGES for path in sorted((TOP / package).rglob("*.py"))]

# The number of modules that a package may have, so that its list fits on a screen. The packages in
# NOT_SORTED have more; they have not been split yet and may not grow.
MOST_MODULES = 14
NOT_SORTED = {
    "api/routes": 21,
    "ewarn/alerting": 16,
    "ewarn/domain": 28,
    "ewarn/places": 16,
    "ewarn/run": 18,
    "ewarn/run/commands": 18,
}
ROOMS = sorted({path.parent for path in SOURCES if "versions" not in path.parts})


@pytest.mark.parametrize("room", [str(path.relative_to(TOP)) for path in ROOMS])
def test_a_room_fits_on_a_screen(room: str) -> None:
    modules = [path for path in (TOP / room).glob("*.py") if path.stem != "__init__"]
    assert len(modules) <= NOT_SORTED.get(room, MOST_MODULES)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_file_can_be_read_to_its_end() -> None:
    long = [path for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > 400]
    assert long == []


def test_every_file_says_what_it_is_and_an_init_says_no_more() -> None:
    silent = [path for path in SOURCES if ast.get_docstring(_tree(path)) is None]
    busy = [p for p in SOURCES if p.name == "__init__.py" and len(_tree(p).body) != 1]
    assert silent == busy == []


def test_only_the_roof_reads_the_clock() -> None:
    clock = re.compile(r"\b(?:datetime\.now|utcnow|date\.today|time\.time)\(")
    below = [path for path in SOURCES if not path.is_relative_to(TOP / "ewarn" / "run")]
    assert [path for path in below if clock.search(path.read_text(encoding="utf-8"))] == []


def test_yaml_is_read_in_one_place() -> None:
    reads = re.compile(r"yaml\.(?:\w*load\w*|compose\w*|parse|scan)\(|import ruamel")
    found = [path for path in SOURCES if reads.search(path.read_text(encoding="utf-8"))]
    assert found == [TOP / "ewarn" / "files" / "located.py"]


def _public(scope: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    """Yield the public definitions of a module or class and of its classes, not of functions."""
    for node in scope.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.name.startswith("_"):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_everything_public_says_what_it_is() -> None:
    exempt = {TOP / "ewarn" / "ports.py"}  # the docstring of a protocol describes its properties
    silent = [
        f"{path.relative_to(TOP)}: {node.name}"  # type: ignore[attr-defined]
        for path in SOURCES
        if path not in exempt and "versions" not in path.parts
        for node in _public(_tree(path))
        if ast.get_docstring(node) is None  # type: ignore[arg-type]
    ]
    assert silent == []


def test_no_two_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in _tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(str(path.relative_to(TOP)))
    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_the_distribution_holds_the_four_packages() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == sorted(PACKAGES)


def test_the_tests_have_no_init_files() -> None:
    assert list((TOP / "tests").rglob("__init__.py")) == []
