"""YAML whose every value knows its line, so that an error can say where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

import yaml

from ewarn.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Located:
    """A value with the file and line (from 1) it stands on."""

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

    def fields(self, required: tuple[str, ...], optional: tuple[str, ...]) -> "Fields":
        """The fields of a mapping; raises SettingsError for a missing or an unknown one."""
        if not isinstance(self.value, dict):
            raise self.wrong("a mapping of names to values is expected here")
        for name, item in self.value.items():
            if name not in (*required, *optional):
                known = ", ".join((*required, *optional))
                raise item.wrong(f"{name!r} is not a field here; the fields are {known}")
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
        item = self.values[name]
        if not isinstance(item.value, str) or not item.value.strip():
            raise item.wrong(f"{name!r} must be a text")
        return item.value

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number of at least `least`."""
        if name not in self.values and default is not None:
            return default
        item = self.values[name]
        if isinstance(item.value, bool) or not isinstance(item.value, int) or item.value < least:
            raise item.wrong(f"{name!r} must be a whole number of at least {least}")
        return item.value

    def probability(self, name: str) -> float:
        """A number between 0 and 1, neither included."""
        item = self.values[name]
        if isinstance(item.value, bool) or not isinstance(item.value, int | float):
            raise item.wrong(f"{name!r} must be a probability between 0 and 1")
        if not 0 < item.value < 1:
            raise item.wrong(f"{name!r} is {item.value:g}; a probability lies between 0 and 1")
        return float(item.value)

    def amount(self, name: str) -> float:
        """A number greater than 0."""
        item = self.values[name]
        number = item.value
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < inf:
            raise item.wrong(f"{name!r} must be a number greater than 0")
        return float(number)

    def texts(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts."""
        if name not in self.values:
            return default
        item = self.values[name]
        entries = list(item.items())
        for entry in entries:
            if not isinstance(entry.value, str):
                raise entry.wrong(f"{name!r} must list texts (write NO for Norway in quotes)")
        return tuple(entry.value for entry in entries)


def read(text: str, file: str) -> Located:
    """The document in a YAML text; raises SettingsError with the line of a syntax error."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}, line {mark.line + 1}" if mark is not None else file
        raise SettingsError(f"{where}: this is not YAML ({error.problem})") from None
    if node is None:
        raise SettingsError(f"{file} is empty")
    return _locate(node, file)


def _locate(node: yaml.Node, file: str) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return Located([_locate(item, file) for item in node.value], file, line)
    if isinstance(node, yaml.MappingNode):
        return Located({key.value: _locate(item, file) for key, item in node.value}, file, line)
    loader = yaml.SafeLoader("")
    return Located(loader.construct_object(node), file, line)
