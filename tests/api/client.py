"""A client that sends requests to an application in this process."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI


@dataclass
class Client:
    """Client that sends the same headers with each request."""

    app: FastAPI
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Return the answer to GET."""
        return self.send("GET", path, headers)

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """Return the answer to a request. A body may be JSON or bytes."""
        sent = {**self.headers, **(headers or {})}
        return asyncio.run(self._send(method, path, sent, json, content))

    def post(self, path: str, json: Any) -> httpx.Response:
        """Return the answer to POST."""
        return self.send("POST", path, json=json)

    async def _send(
        self, method: str, path: str, headers: dict[str, str], json: Any, content: bytes | None
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://ewarn.test") as client:
            return await client.request(method, path, headers=headers, json=json, content=content)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of all pages of a list."""
        found: list[dict[str, Any]] = []
        following: str | None = path
        seen: set[str] = set()
        while following is not None:
            assert following not in seen, "a page that leads to itself"
            seen.add(following)
            answer = self.get(following)
            assert answer.status_code == 200, answer.text
            found += answer.json()["items"]
            following = answer.json()["next"]
        return found
