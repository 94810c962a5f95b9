"""Which question of a form says what: the little that is ever asked of a field report.

A YAML file, in the words of the form:

    fields:                  # ours: the question's full name, `group/question`
      kind: incident/what
      day: incident/day
      admin1: place/region
      injured: harm/injured
    kinds:                   # choices of the form: kinds of ewarn
      arrestation: arrest
    country: TGO             # of all reports; or name a question under `fields`

What is not named here is neither fetched nor kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ewarn.domain.kinds import EventKind
from ewarn.errors import SettingsError

COUNTS = ("participants", "injured", "arrests", "fatalities")
FIELDS = ("kind", "day", "country", "admin1", *COUNTS)
_PARTS = ("fields", "kinds", "country")


@dataclass(frozen=True, slots=True)
class Form:
    """Questions by what they say, choices by the kind they mean, and the country of all reports."""

    questions: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    kinds: Mapping[str, EventKind] = field(
        default_factory=lambda: {kind.value: kind for kind in EventKind}
    )
    country: str = ""

    def answer(self, submission: Mapping[str, Any], name: str) -> Any:
        """What a submission answers to the question of `name`; None where it is not asked."""
        return submission.get(self.questions.get(name, ""))


def read_form(path: Path) -> Form:
    """The form described in a file; raises SettingsError with one sentence."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        where = getattr(error, "problem_mark", None)
        reason = f"line {where.line + 1} is no YAML" if where else "it is no readable text file"
        raise SettingsError(f"{path} cannot be used: {reason}") from None
    parts = _mapping(path, "the file", content)
    _only(path, parts, _PARTS)
    questions = _mapping(path, "fields", parts.get("fields"))
    _only(path, questions, FIELDS)
    country = parts.get("country", "")
    for needed, there in {"kind": questions, "day": questions}.items():
        if needed not in there:
            raise SettingsError(f"{path}: fields lacks {needed!r}, the question that says it")
    if not country and "country" not in questions:
        raise SettingsError(f"{path}: name a country, or the question that says it")
    for name, text in {**questions, "country": questions.get("country", country)}.items():
        if not isinstance(text, str) or text.startswith(("_", "meta/")):
            raise SettingsError(f"{path}: {name} names {text!r}, which is no question of a form")
    return Form(questions, _kinds(path, parts.get("kinds", {})), country)


def _kinds(path: Path, content: Any) -> dict[str, EventKind]:
    kinds = {kind.value: kind for kind in EventKind}
    for choice, kind in _mapping(path, "kinds", content).items():
        if kind not in list(EventKind):
            raise SettingsError(
                f"{path}: the choice {choice!r} is said to be {kind!r}, which is not one of "
                f"{', '.join(EventKind)}"
            )
        kinds[str(choice)] = EventKind(kind)
    return kinds


def _mapping(path: Path, name: str, content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: {name} must be a mapping of names to values")
    return content


def _only(path: Path, found: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in found:
        if name not in known:
            raise SettingsError(f"{path}: {name!r} is not known; there are {', '.join(known)}")
