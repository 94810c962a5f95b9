"""YAML as it is written: every value is the text in the file and knows its line.

YAML 1.1 guesses: `010` is 8, `NO` is false, `18:30` is 1110, and of a key given twice the last one
counts. Here nothing is guessed: whoever reads a field says what it must be. Aliases, tags and deep
nesting are refused, so that a small file cannot become a large one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, TypeVar

import yaml

from ewarn.domain.persons import require_role
from ewarn.domain.text import entered
from ewarn.errors import SettingsError, UsageError
from ewarn.files.spelling import nearest

MOST_CHARACTERS = 256 * 1024
MOST_DEEP = 20
_Read = TypeVar("_Read")
_LONGEST = 20_000  # characters of a text
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, ten times as fast
_WHOLE = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Located:
    """A text, a list or a mapping with the file and line (from 1) it stands on."""

    value: Any
    file: str
    line: int

    def wrong(self, sentence: str) -> SettingsError:
        """An error that points here."""
        return SettingsError(f"{self.file}, line {self.line}: {sentence}")

    def items(self) -> Iterator["Located"]:
        """The items of a list; raises SettingsError if it is not one."""
        if not isinstance(self.value, list):
            raise self.wrong("a list is expected here")
        yield from self.value

    def entries(self) -> dict[str, "Located"]:
        """The items of a mapping by name; raises SettingsError if it is not one."""
        if not isinstance(self.value, dict):
            raise self.wrong("a mapping of names to values is expected here")
        return self.value

    @property
    def whole(self) -> int | None:
        """The whole number written here, without zeros before it; None where there is none."""
        is_whole = isinstance(self.value, str) and _WHOLE.fullmatch(self.value)
        return int(self.value) if is_whole else None

    @property
    def number(self) -> float | None:
        """The number written here, with a point for decimals; None where there is none."""
        is_number = isinstance(self.value, str) and _NUMBER.fullmatch(self.value)
        return float(self.value) if is_number else None

    def text(self, name: str) -> str:
        """The text written here, as the value of `name`."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.wrong(f"{name!r} must be a text")
        try:
            return entered(self.value, at_most=_LONGEST, lines=True)
        except ValueError as error:
            raise self.wrong(f"{name!r} {error}") from None

    def role(self, name: str) -> str:
        """The same, of a role or an office."""
        try:
            return require_role(self.text(name), repr(name))
        except UsageError as error:
            raise self.wrong(str(error)) from None

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...]) -> "Fields":
        """The fields of a mapping; raises SettingsError for a missing or an unknown one."""
        for name, item in self.entries().items():
            if name not in (*required, *optional):
                near = nearest(name, (*required, *optional))
                meant = f"did you mean {near!r}? " if near else ""
                known = ", ".join((*required, *optional))
                raise item.wrong(f"{name!r} is not a field here; {meant}the fields are {known}")
        missing = [name for name in required if name not in self.value]
        if missing:
            raise self.wrong(f"the field {missing[0]!r} is missing")
        return Fields(self, self.value)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a mapping, read one by one with the type each must have."""

    at: Located
    values: dict[str, Located]

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        if name not in self.values and default is not None:
            return default
        return self.values[name].text(name)

    def role(self, name: str, default: str | None = None) -> str:
        """A text that names a role or an office, and no person."""
        if name not in self.values and default is not None:
            return default
        return self.values[name].role(name)

    def roles(self, name: str) -> tuple[str, ...]:
        """A list of such texts."""
        found = self.texts(name)
        for entry in self.values[name].items() if found else ():
            entry.role(name)
        return found

    def checked(self, name: str, read: Callable[[str], _Read]) -> _Read:
        """What `read` makes of a text; it raises ValueError with a sentence."""
        try:
            return read(self.text(name))
        except ValueError as error:
            raise self.values[name].wrong(str(error)) from None

    def whole(
        self, name: str, default: int | None = None, *, least: int = 0, most: int = 520
    ) -> int:
        """A whole number from `least` to `most`, which by default is ten years of weeks."""
        if name not in self.values and default is not None:
            return default
        item = self.values[name]
        number = item.whole
        if number is None or number < least:
            raise item.wrong(f"{name!r} must be a whole number of at least {least}")
        if number > most:
            raise item.wrong(f"{name!r} is {number}; {most} is the most")
        return number

    def probability(self, name: str) -> float:
        """A number between 0 and 1, neither included."""
        item = self.values[name]
        number = item.number
        if number is None:
            raise item.wrong(f"{name!r} must be a probability between 0 and 1")
        if not 0 < number < 1:
            raise item.wrong(f"{name!r} is {number:g}; a probability lies between 0 and 1")
        return number

    def amount(self, name: str) -> float:
        """A number greater than 0."""
        item = self.values[name]
        number = item.number
        if number is None or not 0 < number < inf:
            raise item.wrong(f"{name!r} must be a number greater than 0")
        return number

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        if name not in self.values:
            return default
        entries = list(self.values[name].items())
        for entry in entries:
            if not isinstance(entry.value, str):
                raise entry.wrong(f"{name!r} must list texts")
        return tuple(entry.text(name) for entry in entries)


def read(text: str, file: str) -> Located:
    """The document in a YAML text; raises SettingsError with the line of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise SettingsError(f"{file} is larger than {MOST_CHARACTERS >> 10} kB: split it")
    try:
        return _document(yaml.parse(text, Loader=_QUICK), file)
    except yaml.YAMLError:
        pass  # PyYAML's own reader says better where it is wrong
    try:
        return _document(yaml.parse(text, Loader=yaml.SafeLoader), file)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}, line {mark.line + 1}" if mark is not None else file
        raise SettingsError(f"{where}: this is not YAML ({error.problem})") from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise SettingsError(f"{file}: this is not YAML ({reason})") from None


def _document(events: Iterator[yaml.Event], file: str) -> Located:
    for event in events:
        if isinstance(event, yaml.StreamEndEvent):
            break
        if isinstance(event, yaml.DocumentStartEvent):
            document = _located(next(events), events, file, 0)
            next(events)  # the end of the document
            if not isinstance(next(events), yaml.StreamEndEvent):
                raise SettingsError(f"{file} holds several documents: keep one")
            return document
    raise SettingsError(f"{file} is empty")


def _located(event: yaml.Event, events: Iterator[yaml.Event], file: str, depth: int) -> Located:
    mark = event.start_mark
    here = Located(None, file, 1 if mark is None else mark.line + 1)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise here.wrong("anchors and aliases are not read: write it out")
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise here.wrong(f"tags such as {tag} are not read: leave it out")
    if depth > MOST_DEEP:
        raise here.wrong(f"this is nested more than {MOST_DEEP} levels deep")
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_located(event, events, file, depth + 1))
        return Located(items, file, here.line)
    if isinstance(event, yaml.MappingStartEvent):
        return Located(_mapping(events, file, depth), file, here.line)
    assert isinstance(event, yaml.ScalarEvent)
    return Located(event.value, file, here.line)


def _mapping(events: Iterator[yaml.Event], file: str, depth: int) -> dict[str, Located]:
    found: dict[str, Located] = {}
    while not isinstance(event := next(events), yaml.MappingEndEvent):
        key = _located(event, events, file, depth + 1)
        if not isinstance(key.value, str):
            raise key.wrong("a name is expected here")
        if key.value in found:
            first = found[key.value].line
            raise key.wrong(f"{key.value!r} is given twice, first on line {first}: keep one")
        found[key.value] = _located(next(events), events, file, depth + 1)
    return found
