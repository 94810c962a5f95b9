"""Catalogues of messages: one folder of `locale` for each language but English.

A message is its English sentence, so English has no catalogue. The `.po` file is read when its
language is asked for, once: there is nothing to compile, and what a translator edits is what runs.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"
LANGUAGES = tuple(sorted({ENGLISH, *(path.name for path in FOLDER.iterdir() if path.is_dir())}))


def catalogue_file(language: str) -> Path:
    """Where the catalogue of a language lies, as gettext's tools expect it."""
    return FOLDER / language / "LC_MESSAGES" / "ewarn.po"


@cache
def catalogue(language: str) -> Catalog:
    """The messages of a language other than English, translated or not."""
    return read_po(BytesIO(catalogue_file(language).read_bytes()), locale=language)


@cache
def translation(language: str) -> NullTranslations:
    """What says messages in a language, string by string: in English where it has no translation.

    Its methods are those of the standard library: `gettext(message)`, `ngettext(one, many, number)`
    and, where one English text has two meanings, `pgettext(context, message)`.
    """
    if language == ENGLISH or language not in LANGUAGES:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def is_complete(language: str) -> bool:
    """Whether every message is translated: only then is a text written in the language."""
    if language == ENGLISH:
        return True
    return language in LANGUAGES and all(
        all(strings(message)) and not message.fuzzy for message in catalogue(language) if message.id
    )


def complete_languages() -> tuple[str, ...]:
    """The languages that texts are written in."""
    return tuple(language for language in LANGUAGES if is_complete(language))


def complete_or_english(wanted: str) -> str:
    """The language to write in: the one wanted if it is complete, else English.

    A text in two languages reads badly, and aloud or from right to left not at all.
    """
    return wanted if is_complete(wanted) else ENGLISH


@cache
def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left."""
    return language in LANGUAGES and Locale.parse(language).text_direction == "rtl"


def strings(message: Message) -> tuple[str, ...]:
    """The translation of a message, in each of its plural forms; empty where there is none."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)
