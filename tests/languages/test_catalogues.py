"""Catalogues are in step with the code, and what they say can be said."""

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from ewarn.languages import catalogues
from ewarn.languages.catalogues import (
    LANGUAGES,
    complete_languages,
    complete_or_english,
    is_complete,
    is_right_to_left,
    strings,
    translation,
)

TOP = Path(__file__).resolve().parents[2]
TRANSLATED = [language for language in LANGUAGES if language != "en"]
GAPS = re.compile(r"%(?:\(\w+\)s|%|.|$)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Catalogues after `make messages NEW=eo`, as `docs/extend.md` says, in a copy."""
    copy = tmp_path_factory.mktemp("messages")
    for name in ("ewarn", "api", "pyproject.toml"):
        (copy / name).symlink_to(TOP / name)
    shutil.copytree(catalogues.FOLDER, copy / "locale")
    make = ["make", "-s", "-f", str(TOP / "Makefile"), "-o", ".venv/dev", "messages", "NEW=eo"]
    pybabel = f"PYBABEL={sys.executable} -m babel.messages.frontend"
    subprocess.run([*make, pybabel, "LOCALE=locale"], cwd=copy, check=True)
    return copy / "locale"


def _read(folder: Path, language: str) -> Catalog:
    text = (folder / language / "LC_MESSAGES" / "ewarn.po").read_bytes()
    return read_po(io.BytesIO(text), locale=language, abort_invalid=True)


def _messages(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    return {(each.context, each.id): each for each in catalogue if each.id}


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _faults(catalogue: Catalog, message: Message) -> Iterator[str]:
    """What is wrong with a translated message."""
    if message.fuzzy:
        yield "fuzzy"
    if len(strings(message)) != (catalogue.num_plurals if message.pluralizable else 1):
        yield "plural forms"
    said = [set(GAPS.findall(each)) for each in strings(message)]
    asked = [set(GAPS.findall(each)) for each in _ids(message)]
    # The form for one may leave its number out.
    if any(gaps not in asked for gaps in said):
        yield "gaps"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_messages_of_the_code(language: str, made: Path) -> None:
    found = _read(catalogues.FOLDER, language)
    ours, theirs = _messages(_read(made, "eo")), _messages(found)
    assert ours.keys() - theirs.keys() == set(), "not in the catalogue: run `make messages`"
    assert theirs.keys() - ours.keys() == set(), "not in the code: run `make messages`"
    assert not found.obsolete
    translated = {key: message for key, message in theirs.items() if any(strings(message))}
    faults = {key: [*_faults(found, message)] for key, message in translated.items()}
    assert {key: wrong for key, wrong in faults.items() if wrong} == {}


def test_a_new_language_is_a_new_folder_and_the_others_stay(made: Path) -> None:
    assert not any(any(strings(message)) for message in _read(made, "eo") if message.id)
    assert {path.name for path in made.iterdir()} == {*TRANSLATED, "eo"}
    for language in TRANSLATED:
        before, after = (_messages(_read(each, language)) for each in (catalogues.FOLDER, made))
        assert {key: strings(each) for key, each in before.items()} == {
            key: strings(each) for key, each in after.items()
        }


def test_english_and_french_are_complete() -> None:
    untranslated = [each.id for each in catalogues.catalogue("fr") if not all(strings(each))]
    assert untranslated == []
    assert {"en", "fr"} <= set(complete_languages())
    assert [complete_or_english(each) for each in ("fr", "en", "es", "xx")] == ["fr", *["en"] * 3]


@pytest.mark.parametrize(
    ("id_", "string", "fault"),
    [
        ("since %(day)s", "depuis le %(jour)s", "gaps"),
        ("since %(day)s", "depuis", "gaps"),
        ("none at all", "100 %", "gaps"),
        (("%(count)s week", "%(count)s weeks"), ("%(count)s semaine",), "plural forms"),
    ],
)
def test_a_translation_that_cannot_be_said_is_found(
    id_: str | tuple[str, str], string: str | tuple[str, ...], fault: str
) -> None:
    catalogue = Catalog(locale="fr")
    message = catalogue.add(id_, string)
    assert fault in [*_faults(catalogue, message)]


def test_what_is_not_translated_is_said_in_english() -> None:
    spanish = translation("es")
    assert not is_complete("es")
    assert spanish.gettext("strikes") == "huelgas"
    assert spanish.gettext("armed clashes") == "armed clashes"
    assert spanish.ngettext("%(count)s alert", "%(count)s alerts", 2) == "%(count)s alerts"
    assert spanish.pgettext("level", "high") == "high"


def test_arabic_is_written_from_right_to_left() -> None:
    assert [is_right_to_left(each) for each in ("ar", "fr", "xx")] == [True, False, False]
