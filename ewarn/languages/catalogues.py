"""Message catalogues: one folder of `locale` for each language except English.

Another package can bring a language by an entry point. The name of the entry point is the language
code, its value is the package with the folder. The catalogue is read, and no code of the package
runs. If the catalogue cannot be used, its fault is logged, and texts are in English.

A message is its English sentence, so English has no catalogue. The `.po` file is read when its
language is asked for, once: there is nothing to compile, and what a translator edits is what runs.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations, c2py
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from io import BytesIO, StringIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ewarn.entry_points import entries

_log = logging.getLogger(__name__)
_CODE = re.compile(r"[A-Za-z0-9_]+")
_NUMBERS = range(1001)  # the plural form of each is tried
_MOST_HEADER = 200  # letters of a header that are read: clients choose its length
_GAPS = re.compile(r"%(?:\(\w+\)s|%|.|$)")
FOLDER = Path(__file__).parent / "locale"
ENGLISH = "en"
COMPLETE = "fr"  # this catalogue has every message: a test holds it to that
GROUP = "ewarn.languages"  # of the entry points by which other packages bring languages


def catalogue_in(folder: Path, language: str) -> Path:
    """Return the path of the catalogue of a language in a folder, as gettext's tools expect it."""
    return folder / language / "LC_MESSAGES" / "ewarn.po"


def _is_known(code: str) -> bool:
    """Return whether CLDR knows a language code, such as `eo` or `pt_BR`."""
    try:
        return bool(_CODE.fullmatch(code) and Locale.parse(code))
    except (ValueError, UnknownLocaleError):
        return False


def _brought(entry: EntryPoint) -> Path:
    """Find the catalogue that a package brings.

    Raises:
        ValueError: It cannot be used.
    """
    if not _is_known(entry.name):
        raise ValueError("CLDR has no language of this code; codes are like 'eo' or 'pt_BR'")
    if "." in entry.value:  # to find a package in another one, Python runs the outer one
        raise ValueError("the value must be a package that is not in another one, without a dot")
    found = find_spec(entry.value)
    folders = (found and found.submodule_search_locations) or ()
    files = (catalogue_in(Path(folder), entry.name) for folder in folders)
    file = next((each for each in files if each.is_file()), None)
    if file is None:
        raise ValueError(f"there is no file {catalogue_in(Path(entry.value), entry.name)}")
    _check_plural(_read(file, entry.name))
    _translator(file, entry.name)
    return file


def _check_plural(mine: Catalog) -> None:
    """Check that the plural header gives each number one of the forms.

    Raises:
        ValueError: It does not.
    """
    try:
        form = c2py(mine.plural_expr)
        forms = {form(number) for number in _NUMBERS}
    except (ValueError, ArithmeticError) as error:
        raise ValueError(f"its header Plural-Forms cannot be used: {error}") from error
    if not forms <= set(range(mine.num_plurals)):
        raise ValueError("its header Plural-Forms contradicts itself: nplurals is too small")


def _all_brought(those: Iterable[EntryPoint]) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the file of each language that packages bring, and the faults of the others."""
    files: dict[str, Path] = {}
    faults: dict[str, str] = {}
    for entry in those:
        try:
            files[entry.name] = _brought(entry)
        except Exception as error:  # a file of others may be wrong in any way
            package = entry.dist.name if entry.dist else entry.value
            faults[entry.name] = (
                f"the language {entry.name!r} of the package {package!r} "
                f"({entry.name} = {entry.value}) cannot be used: {error}"
            )
            _log.warning("%s; texts are in English", faults[entry.name])
    return files, {name: fault for name, fault in faults.items() if name not in files}


@cache
def _read(file: Path, language: str) -> Catalog:
    text = StringIO(file.read_text(encoding="utf-8"))
    return read_po(text, locale=language, abort_invalid=True)


@cache
def _translator(file: Path, language: str) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, _read(file, language))
    compiled.seek(0)
    return GNUTranslations(compiled)


_OURS = {path.name: catalogue_in(FOLDER, path.name) for path in FOLDER.iterdir() if path.is_dir()}
_BROUGHT, _FAULTS = _all_brought(
    entry for entry in entries(GROUP) if entry.name not in {ENGLISH, *_OURS}
)
_FILES = _BROUGHT | _OURS
# A language whose catalogue is at fault can be asked for: a setting stays right when it breaks.
LANGUAGES = tuple(sorted({ENGLISH, *_FILES, *filter(_is_known, _FAULTS)}))


def catalogue(language: str) -> Catalog:
    """Return all messages of a language other than English, also those not translated yet."""
    return _read(_FILES[language], language)


def translation(language: str) -> NullTranslations:
    """Return the translator of a language, which falls back to English for untranslated messages.

    Its methods are those of the standard library: `gettext(message)`, `ngettext(one, many, number)`
    and, if one English text has two meanings, `pgettext(context, message)`.
    """
    if language not in _FILES:
        return NullTranslations()
    return _translator(_FILES[language], language)


@cache
def is_complete(language: str) -> bool:
    """Return whether every message is translated without a fault.

    Only then are texts written in the language.
    """
    return language == ENGLISH or (
        language in LANGUAGES and next(faults_of(language), None) is None
    )


def faults_of(language: str) -> Iterator[str]:
    """Yield a sentence for each fault that keeps texts from being written in a language."""
    if language in _FAULTS:
        yield _FAULTS[language]
        return
    mine = catalogue(language)
    for wanted in catalogue(COMPLETE):
        if not wanted.id:
            continue
        message = mine.get(wanted.id, wanted.context)
        if message is None:
            yield f"{wanted.id!r} is not in the catalogue: bring it in step with this version"
        elif not all(strings(message)):
            yield f"{wanted.id!r} is not translated"
        else:
            yield from (f"{wanted.id!r}: {fault}" for fault in message_faults(mine, message))


def message_faults(mine: Catalog, message: Message) -> Iterator[str]:
    """Yield a sentence for each fault in a translated message of a catalogue."""
    if message.fuzzy:
        yield "it is marked fuzzy"
    if len(strings(message)) != (mine.num_plurals if message.pluralizable else 1):
        yield "the language has another number of plural forms"
    ids = (message.id,) if isinstance(message.id, str) else message.id
    asked = [set(_GAPS.findall(each)) for each in ids]
    # The form for one may leave its number out.
    if any(set(_GAPS.findall(each)) not in asked for each in strings(message)):
        yield "its gaps are not those of the English text"


def complete_languages() -> tuple[str, ...]:
    """Return the languages in which texts are written."""
    return tuple(language for language in LANGUAGES if is_complete(language))


def complete_or_english(wanted: str) -> str:
    """Return the wanted language if it is complete, else English.

    A text in two languages is hard to read, and unusable when it is read aloud or from right to
    left.
    """
    return wanted if is_complete(wanted) else ENGLISH


@cache
def is_right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left."""
    return language in LANGUAGES and Locale.parse(language).text_direction == "rtl"


def strings(message: Message) -> tuple[str, ...]:
    """Return the translation of a message in each of its plural forms; a missing one is empty."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def preferred_language(accepted: str) -> str:
    """Return the language that a header `Accept-Language` likes best of those complete here.

    Of equals it is the first. If it names none of them, it is English.

    >>> preferred_language("pt-BR, fr-TG;q=0.8, en;q=0.5")
    'fr'
    """
    return _preferred(accepted[:_MOST_HEADER])


@lru_cache(maxsize=1000)  # each answer asks for it, and most headers are the same
def _preferred(accepted: str) -> str:
    written = complete_languages()
    liked: dict[str, float] = {}
    for part in accepted.split(","):
        name, _, quality = part.partition(";")
        language = name.strip().partition("-")[0].lower()
        if language in written:
            liked[language] = max(liked.get(language, 0.0), _quality(quality))
    best = max(liked, key=liked.__getitem__, default=ENGLISH)
    return best if liked.get(best, 0.0) > 0 else ENGLISH


def _quality(parameter: str) -> float:
    """Return how well a language is liked (RFC 9110, section 12.4.2), such as `q=0.8`."""
    name, _, value = parameter.replace(" ", "").partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
