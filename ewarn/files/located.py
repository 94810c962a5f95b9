"""A reader of YAML that keeps every value as the text in the file, with its line number.

YAML 1.1 guesses types: `010` is 8, `NO` is false, `18:30` is 1110, and if a key is given twice the
last one counts. This reader guesses nothing: the code that reads a field states its type
(`ewarn.files.fields`). Aliases, tags and deep nesting are refused, so that a small file cannot
become a large one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from ewarn.errors import SettingsError

MOST_CHARACTERS = 256 * 1024
MOST_DEEP = 20
_QUICK = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the loader of libyaml is ten times faster


@dataclass(frozen=True, slots=True)
class Located:
    """A text, list or mapping with the file and the line (from 1) where it begins."""

    value: Any
    file: str
    line: int

    def wrong(self, sentence: str) -> SettingsError:
        """Create an error that names this file and line."""
        return SettingsError(f"{self.file}, line {self.line}: {sentence}")

    def items(self) -> Iterator["Located"]:
        """Yield the items of a list.

        Raises:
            SettingsError: If the value is not a list.
        """
        if not isinstance(self.value, list):
            raise self.wrong("a list is expected here")
        yield from self.value

    def at(self, path: Iterable[int | str]) -> "Located":
        """Return the value at a path of names and positions, or the last one that exists on it."""
        here = self
        for part in path:
            try:
                here = here.value[part]
            except (KeyError, IndexError, TypeError):
                break
        return here

    @property
    def plain(self) -> Any:
        """The same texts, lists and mappings without their files and lines."""
        if isinstance(self.value, list):
            return [item.plain for item in self.value]
        if isinstance(self.value, dict):
            return {name: item.plain for name, item in self.value.items()}
        return self.value


def read(text: str, file: str) -> Located:
    """Read the document in a YAML text.

    Raises:
        SettingsError: If the text is too large, empty or cannot be read, with the line if known.
    """
    if len(text) > MOST_CHARACTERS:
        raise SettingsError(f"{file} is larger than {MOST_CHARACTERS >> 10} kB: split it")
    try:
        return _document(yaml.parse(text, Loader=_QUICK), file)
    except yaml.YAMLError:
        pass  # the reader written in Python describes the place of an error better
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
