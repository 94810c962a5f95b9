"""Kinds of rules that installed packages bring: conditions on scores, with options of their own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import structlog

from ewarn.domain.score import Score
from ewarn.entry_points import brought
from ewarn.files.fields import Fields, read_fields
from ewarn.files.located import Located

GROUP = "ewarn.rule_kinds"  # of the entry points by which other packages bring them
_KIND = "kind"


class RuleKind(Fields, ABC):
    """A kind of condition. Its fields are its options, read by the types of `files.fields`.

    Its answers follow from the score alone. What the rule compares is not None: the probability
    (and those `before` it), or with `detector: true` the count `observed` and its bound `upper`.
    """

    kind: ClassVar[str]

    @property
    @abstractmethod
    def words(self) -> str:
        """Words for a score that meets it, after "which is": `twice that of the week before`."""

    @abstractmethod
    def is_above(self, score: Score) -> bool:
        """Return whether a score may open an alert."""

    @abstractmethod
    def is_below(self, score: Score) -> bool:
        """Return whether a score counts towards closing one; False for one that may open one."""

    @property
    def written(self) -> Mapping[str, Any]:
        """Its kind and options, as written in the file of rules."""
        return {_KIND: self.kind, **self.model_dump(mode="json", exclude_unset=True)}


@dataclass(frozen=True, slots=True)
class GuardedCondition:
    """A condition of a package, whose faults stop no other rule.

    If it raises an error or does not answer with True or False, the score counts as neither above
    nor below, and the error is logged.
    """

    condition: RuleKind
    words: str

    @property
    def written(self) -> Mapping[str, Any]:
        """Its kind and options, as written in the file of rules."""
        return self.condition.written

    def is_above(self, score: Score) -> bool:
        """Return whether a score may open an alert."""
        return self._answer(self.condition.is_above, score)

    def is_below(self, score: Score) -> bool:
        """Return whether a score counts towards closing one."""
        return self._answer(self.condition.is_below, score)

    def _answer(self, ask: Callable[[Score], bool], score: Score) -> bool:
        try:
            answer: object = ask(score)
            if isinstance(answer, bool):
                return answer
            fault = f"it answered {answer!r}"
        except Exception as error:  # the code of another package may raise anything
            fault = f"{type(error).__name__}: {error}"
        structlog.get_logger().error(
            "a condition failed", kind=self.condition.kind, region=score.region, reason=fault
        )
        return False


def read_condition(item: Located) -> GuardedCondition:
    """Return a condition of the stated `kind`.

    Raises:
        SettingsError: The kind is unknown, its options are wrong, or it has no words.
    """
    said = item.value if isinstance(item.value, dict) else {}
    name = said[_KIND].plain if _KIND in said else None
    found = brought(GROUP, lambda one: isinstance(one, type) and issubclass(one, RuleKind))
    kinds: dict[str, type[RuleKind]] = {each.kind: each for each in found.values()}
    if not isinstance(name, str) or name not in kinds:
        known = ", ".join(sorted(kinds)) or "none: install the package that brings it"
        raise item.wrong(f"'kind' must name a kind of rule; the kinds here are {known}")
    options = {each: value for each, value in said.items() if each != _KIND}
    condition = read_fields(Located(options, item.file, item.line), kinds[name])
    try:
        return GuardedCondition(condition, str(condition.words))
    except Exception as error:  # the code of another package may raise anything
        raise item.wrong(f"the kind {name!r} cannot describe itself ({error})") from error
