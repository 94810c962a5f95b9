"""The access log: one line of JSON for each request, without anything that it asked about.

A line says which route was used by which key, and how it was answered. It holds no address of a
client, no parameter and no id from a path: which region somebody looks at is nobody's business.
Routes of field reports are neither logged nor counted in the metrics, because that would say when
an observer wrote.
"""

from collections.abc import Callable
from datetime import datetime

import orjson
from starlette.types import Scope


class AccessLog:
    """Writes a line for each answered request."""

    def __init__(self, write: Callable[[bytes], object], clock: Callable[[], datetime]) -> None:
        self._write = write
        self._clock = clock

    def answered(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Write the line of a request."""
        state = scope.get("state", {})
        reader = state.get("reader")
        line = {
            "event": "request",
            "method": scope["method"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "key": None if reader is None else reader.key.prefix,
            "request_id": state.get("request_id"),
            "level": "info",
            "timestamp": self._clock(),
        }
        self._write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
