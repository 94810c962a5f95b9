"""Every word of the domain stands in the glossary."""

import ast
import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
DOMAIN = sorted((TOP / "ewarn" / "domain").glob("[a-z]*.py"))
# Modules that hold rules of writing or arithmetic, and no word of the field.
PLAIN = {"crosswalk", "person_words", "persons", "position", "text", "time"}
# Modules whose word is said otherwise in the glossary.
OTHERWISE = {
    "fit": "Fit",
    "hold": "Hold",
    "key": "ApiKey",
    "kinds": "Kind",
    "delivery": "Notification",
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
