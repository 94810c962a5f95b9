"""A person at a browser without scripts: cookies are kept, redirects followed, forms sent."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]+)"')
_FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}
SITE = "http://ewarn.test"
BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"  # what it accepts


@dataclass
class Person:
    """A person who reads the pages of an application."""

    app: FastAPI
    language: str = "en"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def sign_in(self, key: str, name: str = "Ama") -> httpx.Response:
        """Sign in with a key, and return the page that follows."""
        return self.post(
            "/sign-in", {"person": name, "key": key, "next": "/sign-in"}, page="/sign-in"
        )

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Return the page at an address."""
        return self._ask("GET", path, headers=dict(headers or {}))

    def post(
        self,
        path: str,
        fields: Mapping[str, Any],
        *,
        page: str = "/",
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a form with the token of a page, and return the page that follows."""
        found = _TOKEN.search(self.get(page).text) if token is None else None
        sent = {"form_token": found[1] if found else (token or "")} | dict(fields)
        content = urlencode(sent, doseq=True).encode()
        return self._ask("POST", path, content, {**_FORM_TYPE, "Origin": SITE, **(headers or {})})

    def _ask(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=SITE, cookies=self.cookies, follow_redirects=True
            ) as client:
                sent = {"Accept": BROWSER, "Accept-Language": self.language, **(headers or {})}
                answer = await client.request(method, path, content=content, headers=sent)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


def words(page: httpx.Response) -> str:
    """Return the words of the content of a page, on one line."""
    body = page.text.partition("<main")[2].partition("</main>")[0] or page.text
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body, flags=re.DOTALL)
    return " ".join(unescape(bare).split())
