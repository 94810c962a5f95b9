"""Tests of fields in YAML texts: a wrong value is refused with its line."""

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ewarn.errors import SettingsError
from ewarn.rulebook.offices import read_offices
from ewarn.rulebook.playbooks import read_playbooks
from ewarn.rulebook.rules import read_cuts, read_rules

OFFICES = """\
- id: dakar
  name: Dakar
  language: fr
  countries: [TGO]
  recipients:
    - to: email:desk@example.org
      level: high
      at_least: 0.1
      tier: 2
      digest: weekly
      digest_at: 18:00
      quiet: 22:00-06:00
      zone: Africa/Nairobi
      most_a_day: 5
      targets: [force]
      licences: [acled]
"""
READERS: dict[str, Callable[[str], Any]] = {
    "rules.yaml": read_rules,
    "playbooks.yaml": read_playbooks,
    "bands.yaml": read_cuts,
    "offices.yaml": read_offices,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("value", ["[x]", "[[x]]", "{a: b}", "''", "7", "x"])
def test_a_value_of_any_kind_is_read_or_refused_with_its_line(name: str, value: str) -> None:
    text = OFFICES
    if name != "offices.yaml":
        packaged = Path(str(files("ewarn.rulebook"))) / "defaults" / name
        text = packaged.read_text(encoding="utf-8")
    READERS[name](text)
    lines = text.splitlines()
    said = []
    for number, line in enumerate(lines):
        found = re.match(r"([ -]*\w+: )[^#\s]", line)
        if found is None:
            continue
        changed = "\n".join([*lines[:number], found[1] + value, *lines[number + 1 :]])
        try:
            READERS[name](changed)
        except SettingsError as error:
            said.append(str(error))
    assert said
    for sentence in said:
        assert re.match(rf"{name}, line \d+: .*[a-z]", sentence)
        assert "None" not in sentence
