"""Strict checks of a JSON body, before FastAPI parses it by less strict rules."""

import json
from collections.abc import Sequence
from typing import Any

from api.serving.problems import Problem, shown, wrong_fields

MOST_DEEP = 20  # the deepest nesting of objects and lists


def check_json(body: bytes) -> None:
    """Check that a body is JSON (RFC 8259) in UTF-8 without duplicate keys.

    Raises:
        Problem: 422 if it is not.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong(f"is not UTF-8: byte {error.start + 1} cannot be read") from None
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _wrong(f"is not JSON: see line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise _wrong("holds a number with too many digits") from None
    except RecursionError:
        raise _too_deep() from None
    _check_depth(value)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for at, name in enumerate(names) if name in names[:at])
        raise wrong_fields((shown(twice), "is given more than once: keep one"))
    return found


def _no_number(name: str) -> float:
    raise _wrong(f"holds {name}, which is not a JSON number")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_DEEP):
        level = [inner for outer in level for inner in _within(outer)]
        if not level:
            return
    raise _too_deep()


def _within(value: Any) -> Sequence[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else ()


def _too_deep() -> Problem:
    return _wrong(f"is nested more than {MOST_DEEP} levels deep")


def _wrong(reason: str) -> Problem:
    return wrong_fields(("body", reason))
