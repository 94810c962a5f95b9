"""Ask the same of both clients, so that one test holds for the two of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ewarn.client.clients import AsyncClient, Client
from ewarn.client.record_lists import RecordPage

Ask = Callable[[Any], Any]


class Asking:
    """Asks with the client that blocks."""

    def __init__(self, url: str, key: str, **options: Any) -> None:
        self.url, self.key, self.options = url, key, options

    def one(self, ask: Ask) -> Any:
        """Return the record that answers a question."""
        with Client(self.url, self.key, **self.options) as client:
            return ask(client)

    def pages(self, ask: Ask) -> list[RecordPage[Any]]:
        """Return all pages of a list."""
        with Client(self.url, self.key, **self.options) as client:
            return list(ask(client).pages())

    def frame(self, ask: Ask) -> Any:
        """Return a list as a frame."""
        with Client(self.url, self.key, **self.options) as client:
            return ask(client).to_pandas()

    def items(self, ask: Ask) -> list[Any]:
        """Return all records of a list."""
        with Client(self.url, self.key, **self.options) as client:
            return list(ask(client))


class AsyncAsking(Asking):
    """Asks with the client that is awaited."""

    def one(self, ask: Ask) -> Any:
        return self._within(ask)

    def pages(self, ask: Ask) -> list[RecordPage[Any]]:
        async def collected(client: AsyncClient) -> Any:
            return [page async for page in ask(client).pages()]

        return self._within(collected)  # type: ignore[no-any-return]

    def frame(self, ask: Ask) -> Any:
        return self._within(lambda client: ask(client).to_pandas())

    def items(self, ask: Ask) -> list[Any]:
        async def collected(client: AsyncClient) -> Any:
            return [item async for item in ask(client)]

        return self._within(collected)  # type: ignore[no-any-return]

    def _within(self, ask: Callable[[AsyncClient], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with AsyncClient(self.url, self.key, **self.options) as client:
                return await ask(client)

        return asyncio.run(run())
