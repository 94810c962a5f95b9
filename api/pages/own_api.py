"""The API as the pages use it: in this process, with the rights of the person who signed in.

A page asks the same addresses as any other client. So it can show nothing that the person's key may
not read, and every page can link to the data that it shows.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.types import Message

from api.pages.told_problem import told_problem
from api.serving.access import Reader
from api.serving.problems import Problem, of_validation
from ewarn.languages import problem_details
from ewarn.languages.catalogues import ENGLISH

MOST_PAGES = 60  # of one list

_JSON = [(b"accept", b"application/json"), (b"content-type", b"application/json")]


@dataclass(frozen=True, slots=True)
class OwnApi:
    """A client of the API of this process for one reader.

    Notices and problems are in the language of the page.
    """

    app: FastAPI
    reader: Reader
    language: str = ENGLISH

    async def get(self, path: str, **asked: Any) -> Any:
        """Return the answer to GET. Parameters that are None or empty are left out.

        Raises:
            Problem: The API refuses the request.
        """
        return await self._send("GET", address(path, **asked), b"")

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Return the answer to POST.

        Raises:
            Problem: The API refuses the request.
        """
        return await self._send("POST", path, orjson.dumps(body))

    async def items(self, path: str, **asked: Any) -> list[Any]:
        """Return the items of all pages of a list, at most `MOST_PAGES`.

        Raises:
            Problem: The API refuses the request.
        """
        whole = await self.whole(path, **asked)
        found: list[Any] = whole["items"]
        return found

    async def whole(self, path: str, **asked: Any) -> Any:
        """Return the answer of a list with the items of all its pages, at most `MOST_PAGES`.

        Raises:
            Problem: The API refuses the request.
        """
        whole = answer = await self.get(path, **asked)
        for _ in range(MOST_PAGES - 1):
            if answer["next"] is None:
                break
            answer = await self._send("GET", answer["next"], b"")
            whole["items"] += answer["items"]
        return whole

    async def items_if_allowed(self, path: str, **asked: Any) -> list[Any]:
        """Return the items of all pages of a list; none if the key may not read it.

        Raises:
            Problem: The API refuses the request for another reason.
        """
        try:
            return await self.items(path, **asked)
        except Problem as problem:
            if problem.status != 403:
                raise
            return []

    async def get_if_allowed(self, path: str, **asked: Any) -> Any:
        """Return the answer to GET; None if the key may not read it or there is no such thing.

        Raises:
            Problem: The API refuses the request for another reason.
        """
        try:
            return await self.get(path, **asked)
        except Problem as problem:
            if problem.status not in (403, 404):
                raise
            return None

    async def _send(self, method: str, path: str, body: bytes) -> Any:
        """Send a request to the router, below the middleware.

        Raises:
            Problem: The API refuses the request; it is in the language.
        """
        where, _, query = path.partition("?")
        if "%2F" in where:  # an id with a slash would be a part of another address
            raise Problem("not-found", problem_details.NOTHING_AT(path=where[:80]))
        answer = bytearray()

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answer.extend(message.get("body", b""))

        async with AsyncExitStack() as stack:
            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": method,
                "scheme": "http",
                "path": unquote(where),
                "raw_path": where.encode(),
                "root_path": "",
                "query_string": query.encode(),
                "headers": [
                    *_JSON,
                    (b"accept-language", self.language.encode()),
                    (b"content-length", str(len(body)).encode()),
                ],
                "app": self.app,
                "state": {"reader": self.reader},
                "fastapi_middleware_astack": stack,
            }
            try:
                await self.app.router(scope, receive, send)
            except RequestValidationError as error:
                raise told_problem(of_validation(error), self.language) from None
            except Problem as problem:
                raise told_problem(problem, self.language) from None
        return orjson.loads(answer) if answer else None


def address(path: str, /, **asked: Any) -> str:
    """Return an address with parameters. Those that are None or empty are left out.

    >>> address("/v1/alerts", state="open", country=["TGO", "BEN"], region="")
    '/v1/alerts?state=open&country=TGO%2CBEN'
    """
    given = {name: _text(value) for name, value in asked.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(given)}" if given else path


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value))
    return str(value)
