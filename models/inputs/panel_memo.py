"""A memo of results computed from a panel, which lasts as long as the panel.

Models of several targets, and the drivers after the scores, need the same results.
"""

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
    """Wrap a function so that it computes each result once for a panel and the other arguments.

    The other arguments must be hashable. Callers must not change a result.
    """
    kept: WeakKeyDictionary[Panel, dict[tuple[*Rest], Answer]] = WeakKeyDictionary()

    @wraps(function)
    def known(panel: Panel, /, *rest: *Rest) -> Answer:
        answers = kept.setdefault(panel, {})
        if rest not in answers:
            answers[rest] = function(panel, *rest)
        return answers[rest]

    return known
