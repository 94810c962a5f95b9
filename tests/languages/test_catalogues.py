"""Tests that the catalogues agree with the code, and that each message can be formatted."""

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

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
    message_faults,
    strings,
    translation,
)
from tests.packages import install

TOP = Path(__file__).resolve().parents[2]
TRANSLATED = [language for language in LANGUAGES if language != "en"]


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


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_the_messages_of_the_code(language: str, made: Path) -> None:
    found = _read(catalogues.FOLDER, language)
    ours, theirs = _messages(_read(made, "eo")), _messages(found)
    assert ours.keys() - theirs.keys() == set(), "not in the catalogue: run `make messages`"
    assert theirs.keys() - ours.keys() == set(), "not in the code: run `make messages`"
    assert not found.obsolete
    translated = {key: message for key, message in theirs.items() if any(strings(message))}
    faults = {key: [*message_faults(found, message)] for key, message in translated.items()}
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
    assert [each for each in message_faults(catalogue, message) if fault in each]


def test_what_is_not_translated_is_said_in_english() -> None:
    spanish = translation("es")
    assert not is_complete("es")
    assert spanish.gettext("strikes") == "huelgas"
    assert spanish.gettext("armed clashes") == "armed clashes"
    assert spanish.ngettext("%(count)s alert", "%(count)s alerts", 2) == "%(count)s alerts"
    assert spanish.pgettext("level", "high") == "high"


def test_arabic_is_written_from_right_to_left() -> None:
    assert [is_right_to_left(each) for each in ("ar", "fr", "xx")] == [True, False, False]


FRENCH = catalogues.catalogue_in(catalogues.FOLDER, "fr").read_text(encoding="utf-8")
PLURAL = "nplurals=2; plural=(n > 1)"
HEADER = "its header Plural-Forms"
# What packages bring, by code: the value of the entry point, the catalogue, and what is logged.
FAULTY: dict[str, tuple[str, bytes | None, str]] = {
    "pt-BR": ("a1", FRENCH.encode(), "CLDR has no language of this code"),
    "xx_zz": ("a2", FRENCH.encode(), "CLDR has no language of this code"),
    "eo": ("a3", FRENCH.encode("utf-16"), "codec can't decode"),
    "ia": ("a4", FRENCH[: FRENCH.rindex("msgstr")].encode(), "missing msgstr"),
    "da": ("a5", FRENCH.replace(PLURAL, "nplurals=2; plural=run()").encode(), HEADER),
    "de": ("a6", FRENCH.replace(PLURAL, "nplurals=2; plural=(n % 0)").encode(), HEADER),
    "it": ("a7", FRENCH.replace(PLURAL, "nplurals=2; plural=(n % 3)").encode(), HEADER),
    "nl": ("a8", FRENCH.replace(PLURAL, "nplurals=1; plural=0").encode(), "num_plurals"),
    "pl": ("a9", None, "there is no file"),
    "sv": ("gone", None, "there is no file"),
    "fi": ("b1.inner", FRENCH.encode(), "without a dot"),
}
COMPOSED = """
import json
from ewarn.languages.catalogues import LANGUAGES, faults_of
from ewarn.notify.messages.compose import compose
from tests.notifications import BASE, NOW, alert_notification, recipient
def subject(code):
    notification = alert_notification(language=code)
    return compose(recipient(code), [notification], NOW, BASE).subject
codes = json.loads(input())
said = {code: [subject(code), list(faults_of(code)), code in LANGUAGES] for code in codes}
print(json.dumps({"en": subject("en"), "said": said}))
"""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[str]]:
    """What a process with all faulty packages says of each, and what it logs."""
    site = tmp_path_factory.mktemp("site")
    for code, (value, text, _) in FAULTY.items():
        install(site, f"package-of-{code}", {catalogues.GROUP: {code: value}})
        if value != "gone":
            file = catalogues.catalogue_in(site / value.replace(".", "/"), code)
            file.parent.mkdir(parents=True)
            outer = site / value.partition(".")[0] / "__init__.py"
            outer.write_text("raise SystemExit('code of the package is run')")
            if text is not None:
                file.write_bytes(text)
    ran = subprocess.run(
        [sys.executable, "-c", COMPOSED],
        env={"PYTHONPATH": os.pathsep.join((str(site), str(TOP)))},
        input=json.dumps([*FAULTY]),
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout), ran.stderr.splitlines()


@pytest.mark.parametrize("code", FAULTY)
def test_a_language_of_a_package_that_cannot_be_used_is_logged_once_and_english_is_written(
    code: str, faulty: tuple[dict[str, Any], list[str]]
) -> None:
    told, log = faulty
    subject, (fault,), can_be_asked_for = told["said"][code]
    assert subject == told["en"]
    assert FAULTY[code][2] in fault
    assert f"'package-of-{code}' ({code} = {FAULTY[code][0]})" in fault
    assert log.count(f"{fault}; texts are in English") == 1
    assert can_be_asked_for == (code not in {"pt-BR", "xx_zz"})
