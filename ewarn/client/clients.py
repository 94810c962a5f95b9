"""The clients: `Client` for a notebook or a script, `AsyncClient` for a program that awaits.

Example:
    with Client("https://ewarn.example.org", key, offline_ok=True) as client:
        scores = client.scores(office="dakar")
        print(scores.first_page().notice)
        frame = scores.to_pandas()
"""

import re
import warnings
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import stamina
from platformdirs import user_cache_path

from ewarn.client.answer_cache import AnswerCache, StoredAnswer
from ewarn.client.errors import OfflineWarning, ServiceUnreachable
from ewarn.client.exchange import Busy, conditional, is_worth_another_try, received
from ewarn.client.questions import Question, RecordT
from ewarn.client.reads import Reads
from ewarn.client.record_lists import AsyncRecordList, RecordList, RecordPage, page_of, record_of

CACHE = user_cache_path("ewarn") / "answers"
_TRIES: dict[str, Any] = {"on": is_worth_another_try, "timeout": None, "wait_max": 20.0}
_KEY = re.compile(r"(?P<prefix>[!-~]+)\.[!-~]+")


class _Asking(Reads):
    """What both clients do alike. The key is nowhere but in the headers of `httpx`."""

    _opens: Any
    _http: Any

    def __init__(
        self,
        base_url: str,
        key: str,
        *,
        cache: Path | None = CACHE,
        offline_ok: bool = False,
        attempts: int = 5,
        timeout: float = 30.0,
    ) -> None:
        """Make a client.

        Args:
            base_url: The address of the service, without `/v1`.
            key: An API key, `prefix.secret`.
            cache: A folder to keep answers in; None to keep none.
            offline_ok: If the service cannot be reached, give the answer that was kept, with a
                warning, instead of an error.
            attempts: How often a request is tried in all, if the line or the service fails.
            timeout: Seconds without any progress after which a try has failed.

        Raises:
            ValueError: The key is not one.
        """
        found = _KEY.fullmatch(key.strip())
        if found is None:
            raise ValueError("The key is not of the form prefix.secret: copy it again, whole.")
        self.base_url = base_url.rstrip("/")
        self.offline_ok = offline_ok
        self._attempts = attempts
        owner = f"{self.base_url}\n{found['prefix']}"
        self._cache = None if cache is None else AnswerCache(cache, owner)
        self._http = self._opens(
            base_url=self.base_url,
            headers={"Authorization": f"Bearer {key.strip()}", "Accept": "application/json"},
            timeout=timeout,
            follow_redirects=False,  # the key is for this service alone
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"

    def _kept(self, address: str) -> StoredAnswer | None:
        return None if self._cache is None else self._cache.get(address)

    def _taken(
        self, address: str, response: httpx.Response, kept: StoredAnswer | None
    ) -> StoredAnswer:
        answer = received(address, response, kept)
        if self._cache is not None:
            self._cache.put(answer)
        return answer

    def _offline(self, address: str, kept: StoredAnswer | None, error: Exception) -> StoredAnswer:
        """Return the kept answer, with a warning.

        Raises:
            ServiceUnreachable: None is kept, or `offline_ok` is not set.
        """
        reason = str(error) or type(error).__name__
        if kept is None or not self.offline_ok:
            problem, wait = (error.problem, error.wait) if isinstance(error, Busy) else (None, None)
            raise ServiceUnreachable(
                f"{self.base_url}{address} did not answer ({reason}): try again later.",
                problem,
                wait,
            ) from None
        when = "an unknown moment" if kept.read_at is None else f"{kept.read_at:%Y-%m-%d %H:%M} UTC"
        warnings.warn(
            OfflineWarning(
                f"{self.base_url} cannot be reached ({reason}): this is the answer of {when}.",
                kept.read_at,
            ),
            stacklevel=5,
        )
        return StoredAnswer(address, kept.body, kept.etag, kept.read_at, is_offline=True)


class Client(_Asking):
    """Reads from a service. It may be used from several threads."""

    _opens = httpx.Client
    _http: httpx.Client

    def read_list(self, question: Question[RecordT]) -> RecordList[RecordT]:
        """Return the list that answers a question. Nothing is read before it is used."""
        return RecordList(question, self._read_page)

    def read_one(self, question: Question[RecordT]) -> RecordT:
        """Return the record that answers a question."""
        return record_of(question, self._answer(question.address))

    def _read_page(self, question: Question[RecordT]) -> RecordPage[RecordT]:
        return page_of(question, self._answer(question.address))

    def _answer(self, address: str) -> StoredAnswer:
        kept = self._kept(address)
        try:
            for attempt in stamina.retry_context(attempts=self._attempts, **_TRIES):
                with attempt:
                    response = self._http.get(address, headers=conditional(kept))
                    return self._taken(address, response, kept)
        except (httpx.RequestError, Busy) as error:
            return self._offline(address, kept, error)
        raise AssertionError("a retry context ends with a result or an error")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()


class AsyncClient(_Asking):
    """Reads from a service, for programs that await."""

    _opens = httpx.AsyncClient
    _http: httpx.AsyncClient

    def read_list(self, question: Question[RecordT]) -> AsyncRecordList[RecordT]:
        """Return the list that answers a question. Nothing is read before it is used."""
        return AsyncRecordList(question, self._read_page)

    async def read_one(self, question: Question[RecordT]) -> RecordT:
        """Return the record that answers a question."""
        return record_of(question, await self._answer(question.address))

    async def _read_page(self, question: Question[RecordT]) -> RecordPage[RecordT]:
        return page_of(question, await self._answer(question.address))

    async def _answer(self, address: str) -> StoredAnswer:
        kept = self._kept(address)
        try:
            async for attempt in stamina.retry_context(attempts=self._attempts, **_TRIES):
                with attempt:
                    response = await self._http.get(address, headers=conditional(kept))
                    return self._taken(address, response, kept)
        except (httpx.RequestError, Busy) as error:
            return self._offline(address, kept, error)
        raise AssertionError("a retry context ends with a result or an error")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.close()
