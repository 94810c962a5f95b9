"""YAML as it is written: every value is the text in the file and knows its line.

YAML 1.1 guesses: `010` is 8, `NO` is false, `18:30` is 1110, and of a key given twice the last one
counts. Here nothing is guessed: whoever reads a field says what it must be (`ewarn.files.fields`).
Aliases, tags and deep nesting are refused, so that a small file cannot become a large one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ewarn.errors import SettingsError

MOST_CHARACTERS = 256 * 1024
MOST_DEEP = 20
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, ten times as fast


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

    def at(self, path: Iterable[int | str]) -> "Located":
        """What stands at a path of names and positions, as far as it goes."""
        here = self
        for part in path:
            try:
                here = here.value[part]
            except (KeyError, IndexError, TypeError):
                break
        return here

    @property
    def plain(self) -> Any:
        """The texts, lists and mappings alone."""
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        if isinstance(self.value, dict):
            return {name: item.plain for name, item in self.value.items()}
        return self.value


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
