"""Tests that the glossary explains every class and module of the domain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
DOMAIN = sorted((TOP / "ewarn" / "domain").glob("[a-z]*.py"))
# Modules of rules for text or arithmetic, which are not terms of the field.
PLAIN = {"crosswalk", "person_words", "persons", "position", "text", "time"}
# Modules that the glossary explains under another word.
OTHERWISE = {
    "fit": "Fit",
    "key": "ApiKey",
    "kinds": "Kind",
    "delivery": "Message",
}


def glossary() -> str:
    return (TOP / "docs" / "glossary.md").read_text(encoding="utf-8")


def classes(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: path.stem)
def test_every_word_of_the_domain_is_explained(path: Path) -> None:
    text = glossary()
    for name in classes(path):
        assert re.search(rf"(\*\*|`){name}(\*\*|`)", text), name
    if path.stem not in PLAIN:
        word = OTHERWISE.get(path.stem, path.stem.capitalize())
        assert re.search(rf"\*\*{word}\b", text), path.stem


def test_a_word_is_explained_once() -> None:
    words = re.findall(r"\*\*([^*]+)\*\*", glossary())
    assert len(words) == len(set(words)) >= 40


def avoided() -> list[str]:
    """The words of the glossary's table of those that are not used."""
    table = glossary().partition("## Words that we do not use")[2]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", table, re.M)
    return [word for row in rows if row != "not" for word in row.split(", ")]


def prose(path: Path) -> Iterator[str]:
    """The docstrings of a module, or a page; without code, names of arguments and the table."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        page = text.partition("## Words that we do not use")[0]
        yield re.sub(r"```.*?```|`[^`]*`", "", page, flags=re.S)
        return
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and (docstring := ast.get_docstring(node)):
            yield re.sub(r"`[^`]*`|^\s*\w+:|>>>.*", "", docstring, flags=re.M)


def test_private_words_do_not_come_back() -> None:
    words = avoided()
    assert {"told", "held back", "lest"} <= set(words)
    pattern = re.compile(rf"\b({'|'.join(words)})\b", re.I)
    modules = [
        path
        for package in ("ewarn", "api", "ingest", "models")
        for path in sorted((TOP / package).rglob("*.py"))
        if "versions" not in path.parts
    ]
    found = [
        f"{path.relative_to(TOP)}: {match.group()}"
        for path in [*modules, *sorted((TOP / "docs").glob("*.md")), TOP / "README.md"]
        for text in prose(path)
        for match in pattern.finditer(text)
    ]
    assert found == []
