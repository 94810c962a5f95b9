"""Routes that many clients poll. Their answers are kept in memory while they are valid.

An answer is valid until the revision of the store changes, other rules come into force, or a moment
passes at which time alone changes it (a source becomes late, a score becomes old). Keys with the
same reach (countries, licences, and a partner's limits) share answers in a language.
"""

import gzip
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.routing.key_first import KeyFirst
from api.serving.access import Reader, revision_of
from api.serving.answers import POLLED, has_tag
from api.serving.footings import LONGEST
from api.serving.requests import language_of
from api.serving.state import ApiState
from ewarn.domain.time import DAY, midnight
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.revision import Revision

GZIP_FROM = 500  # bytes; compressing a smaller answer costs more than it saves
MOST_BYTES = 64 * 1024 * 1024  # of all answers that are kept

Headers = list[tuple[bytes, bytes]]


def set_valid_until(request: Request, now: datetime, *turns: datetime | None) -> None:
    """Allow the answer to a request to be kept until the first moment at which time changes it.

    Args:
        now: The moment at which the answer is made.
        turns: Moments at which time alone changes the answer; None for never. Those before `now`
            belong to an answer as of a past moment, and do not count.
    """
    known = [turn for turn in turns if turn is not None and turn >= now]
    request.state.valid = (now, min(midnight(now.date()) + DAY, now + LONGEST, *known))


class Polled(KeyFirst):
    """A route whose answers are kept if its endpoint calls `set_valid_until`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler that looks for a kept answer first."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            reader = await self.admit(request)
            answers: KeptAnswers = request.app.state.answers
            asked = _asked(request, reader)
            revision = await revision_of(request)
            kept = answers.find(asked, revision)
            answer = None if kept is None else kept.answer(request)
            if answer is None:
                answer = await handler(request)
                valid = getattr(request.state, "valid", None)
                if valid is not None and not isinstance(answer, StreamingResponse):
                    answer = await answers.keep(request, asked, revision, valid, answer)
            return answer

        return handle


class KeptAnswers:
    """Answers by what was asked, the least recently used dropped first. Used by one thread."""

    def __init__(self, state: ApiState, most_bytes: int = MOST_BYTES) -> None:
        self._state = state
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[tuple[object, ...], _Kept] = OrderedDict()

    def find(self, asked: tuple[object, ...], revision: Revision) -> "_Kept | None":
        """Return an answer that is still valid, or None."""
        kept = self._kept.get(asked)
        if (
            kept is None
            or kept.revision.content != revision.content
            or kept.rulebook is not self._state.rulebook
            or not kept.valid[0] <= self._state.clock() < kept.valid[1]
        ):
            return None
        self._kept.move_to_end(asked)
        return kept

    async def keep(
        self,
        request: Request,
        asked: tuple[object, ...],
        revision: Revision,
        valid: tuple[datetime, datetime],
        answer: Response,
    ) -> Response:
        """Keep an answer, and return it as it is given from now on.

        Args:
            revision: The revision of the store that was read before the answer was made.
            valid: The moment at which it was made, and until when it is valid.
        """
        etag = answer.headers.get("etag", "")
        body, headers = await _whole(request, answer)
        before = self._kept.pop(asked, None)
        if before is not None:
            self._size -= before.size
            if body is None and before.etag == etag:  # the same answer, which is still valid
                body, headers = before.body, before.headers
        kept = _Kept(etag, revision, self._state.rulebook, valid, body, headers, _length(asked))
        self._kept[asked] = kept
        self._size += kept.size
        while self._size > self._most:
            _, dropped = self._kept.popitem(last=False)
            self._size -= dropped.size
        return kept.answer(request) or answer


@dataclass(frozen=True, slots=True)
class _Kept:
    etag: str  # empty if the route gives none
    revision: Revision
    rulebook: Rulebook
    valid: tuple[datetime, datetime]
    body: bytes | None  # None if only a 304 was given so far
    headers: Headers
    asked_bytes: int  # clients choose the length of what they ask

    @property
    def size(self) -> int:
        """The memory it takes in bytes, roughly."""
        return len(self.body or b"") + self.asked_bytes + 1024

    def answer(self, request: Request) -> Response | None:
        """Return the whole answer, a 304 if the client has it, or None if it must be made first."""
        if self.etag and has_tag(request, self.etag):
            return Response(status_code=304, headers={**POLLED, "ETag": self.etag})
        return None if self.body is None else _Ready(self.body, self.headers)


class _Ready(Response):
    """An answer whose headers are encoded already."""

    def __init__(self, body: bytes, headers: Headers) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = list(headers)  # middleware adds to it


def _asked(request: Request, reader: Reader | None) -> tuple[object, ...]:
    scope = request.scope
    return (
        scope["path"],
        scope["query_string"],
        request.headers.get("accept", ""),
        language_of(request),
        _takes_gzip(request),
        reader and reader.key.reach,
    )


def _length(asked: tuple[object, ...]) -> int:
    return sum(len(part) for part in asked if isinstance(part, (str, bytes)))


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")


async def _whole(request: Request, answer: Response) -> tuple[bytes | None, Headers]:
    """Return the body of an answer, compressed if the client takes it so, and its headers."""
    body = bytes(answer.body)
    if answer.status_code != 200:
        return None, []
    if len(body) >= GZIP_FROM:
        answer.headers.add_vary_header("Accept-Encoding")
        if _takes_gzip(request):
            body = await run_in_threadpool(gzip.compress, body, 6, mtime=0)
            answer.headers["Content-Encoding"] = "gzip"
            answer.headers["Content-Length"] = str(len(body))
    return body, list(answer.raw_headers)
