"""What was worked out of a panel is kept while the panel is: models of several targets, and the
drivers after the scores, ask the same of it."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, TypeVarTuple
from weakref import WeakKeyDictionary

from ewarn.frames.panel import Panel

Rest = TypeVarTuple("Rest")
Answer = TypeVar("Answer")


def once_per_panel(
    function: Callable[[Panel, *Rest], Answer],
) -> Callable[[Panel, *Rest], Answer]:
    """The same function, which works an answer out once for a panel and the other arguments.

    Those must be hashable. Nobody may change an answer.
    """
    kept: WeakKeyDictionary[Panel, dict[tuple[*Rest], Answer]] = WeakKeyDictionary()

    @wraps(function)
    def known(panel: Panel, /, *rest: *Rest) -> Answer:
        answers = kept.setdefault(panel, {})
        if rest not in answers:
            answers[rest] = function(panel, *rest)
        return answers[rest]

    return known
