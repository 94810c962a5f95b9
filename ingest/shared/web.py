"""Asking providers over HTTP: politely, again where that may help, bounded in size and time, and
never a bare error.

One `Web` is shared by all sources, so that what one learns of a host (how long to wait) holds for
the others too.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import httpx
import stamina

from ewarn.domain.delivery import http_date, retry_after
from ewarn.errors import SourceDenied, SourceRefused, SourceUnreachable

ATTEMPTS = 3
MAX_BYTES = 64 * 1024 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds without a byte
DEADLINE = 600.0  # seconds for a whole answer of 64 MiB, however steadily it drips
MOST_REDIRECTS = 5
# At most this many requests at a time to one host, begun no closer than this (seconds).
AT_ONCE = 4
APART = 0.05
LONGEST_WAIT = 30.0  # seconds within one call; a longer one closes the host for that time


_NO_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol)


class NotThere(SourceRefused):
    """The provider has nothing under this address (404)."""


class NotTaken(SourceRefused):
    """The provider does not take the question as it was put (400)."""


class _Busy(Exception):
    """The provider answered that it cannot answer now; `wait` seconds if it said how long."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What a provider answered: its headers, lower-cased, and its body."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, which providers send with 200 when they mean an error."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[
            :15
        ].lower().startswith((b"<!doctype html", b"<html"))


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of a provider."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass
class _Host:
    """What is known of one host: when it may be asked next, and how many ask it now."""

    next_at: float = 0.0
    closed_until: float = 0.0
    why: str = ""
    slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )


class _Taken:
    """What is taken of an answer: at most so many bytes, held or written to a file."""

    def __init__(self, max_bytes: int, into: IO[bytes] | None = None) -> None:
        self.max_bytes = max_bytes
        self._into = into
        self._parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        """What was held."""
        return b"".join(self._parts)

    def begin(self) -> None:
        """Forget what an earlier try brought."""
        self._parts.clear()
        if self._into is not None:
            self._into.seek(0)
            self._into.truncate()

    def add(self, part: bytes) -> None:
        """One more part; raises SourceRefused where there is no room for it."""
        if self._into is None:
            self._parts.append(part)
            return
        try:
            self._into.write(part)
        except OSError as error:
            raise SourceRefused(
                f"There is no room for a temporary file ({error.strerror}): set TMPDIR to a "
                "folder with more."
            ) from error


class Web:
    """Gets and posts. `timeout`, `monotonic` and `sleep` are only given by tests."""

    def __init__(
        self,
        client: httpx.Client,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._timeout = timeout
        self._monotonic = monotonic
        self._sleep = sleep
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        into: IO[bytes] | None = None,
    ) -> HttpAnswer:
        """Answer to a GET; raises SourceUnreachable after three tries without an answer,
        SourceDenied on 401 and 403, NotTaken on 400, NotThere on 404, SourceRefused on any other
        refusal or a body over `max_bytes` (64 MiB). Headers go to no server but the one asked. A
        body that is too large to hold is written `into` a file, and the answer has none.
        """
        full = str(httpx.URL(url, params=params)) if params else url
        taken = _Taken(max_bytes or MAX_BYTES, into)
        return self._asked(_Question("GET", full, headers or {}), taken)

    def post(self, url: str, form: Mapping[str, str]) -> HttpAnswer:
        """Answer to a posted form; raises as `get` does. The form is never repeated in errors."""
        return self._asked(_Question("POST", url, {}, form), _Taken(MAX_BYTES))

    def _asked(self, question: _Question, taken: "_Taken") -> HttpAnswer:
        url = question.url
        tries = 0
        try:
            for attempt in stamina.retry_context(on=_wait_of, attempts=ATTEMPTS, timeout=None):
                tries = attempt.num
                with attempt:
                    return self._followed(question, taken)
        except _Busy as error:
            self._close(url, error)
            raise SourceUnreachable(_unanswered(url, error, tries)) from error
        except _NO_ADDRESS as error:
            where = url.split("?")[0]
            raise SourceRefused(f"{where!r} is no address to ask ({error}): check it.") from error
        except httpx.TransportError as error:
            raise SourceUnreachable(_unanswered(url, error, tries)) from error
        except httpx.HTTPError as error:
            raise SourceRefused(
                f"{_plain(url)} cannot be read ({error}): check the address."
            ) from error
        raise AssertionError("a retry context ends with a result or an error")

    def _followed(self, question: _Question, taken: "_Taken") -> HttpAnswer:
        for _ in range(MOST_REDIRECTS):
            with self._turn(question.url):
                answer, onward = self._once(question, taken)
            if onward is None:
                return answer
            asked = httpx.URL(question.url)
            target = asked.join(onward)
            # What is secret is meant for the server that was asked.
            headers = question.headers if _is_as_safe(asked, target) else {}
            question = _Question("GET", str(target), headers)
        raise SourceRefused(f"{_plain(question.url)} redirects without end: check the address.")

    def _once(self, question: _Question, taken: "_Taken") -> tuple[HttpAnswer, str | None]:
        """One request: its answer, and where it sends us on, if it does."""
        url = question.url
        with self._client.stream(
            question.method,
            url,
            headers=dict(question.headers),
            data=question.form,
            timeout=self._timeout,
            follow_redirects=False,
        ) as response:
            if response.has_redirect_location:
                return HttpAnswer(url, {}, b""), response.headers["location"]
            _check(url, response)
            body = self._body(url, response, taken)
            return HttpAnswer(url, {k.lower(): v for k, v in response.headers.items()}, body), None

    def _body(self, url: str, response: httpx.Response, taken: "_Taken") -> bytes:
        began = self._monotonic()
        deadline = DEADLINE * max(1, taken.max_bytes // MAX_BYTES)
        size = 0
        taken.begin()
        for part in response.iter_bytes():
            size += len(part)
            if size > taken.max_bytes:
                raise SourceRefused(
                    f"{_plain(url)} sends more than {taken.max_bytes >> 20} MiB: "
                    "that is not what it should be."
                )
            if self._monotonic() - began > deadline:
                raise _Busy(f"its answer was not whole after {deadline:.0f} s")
            taken.add(part)
        return taken.body

    @contextmanager
    def _turn(self, url: str) -> Iterator[None]:
        """Our turn at a host: not before its back-off ends, not too many, not too quick."""
        host = self._host(url)
        now = self._monotonic()
        if now < host.closed_until:
            raise SourceUnreachable(
                f"{httpx.URL(url).host} is not asked for another {host.closed_until - now:.0f} s "
                f"({host.why}): it will be tried again."
            )
        with host.slots:
            with self._lock:
                now = self._monotonic()
                wait = max(0.0, host.next_at - now)
                host.next_at = max(now, host.next_at) + APART
            if wait:
                self._sleep(wait)
            yield

    def _host(self, url: str) -> _Host:
        name = httpx.URL(url).netloc.decode("ascii", errors="replace")
        with self._lock:
            return self._hosts.setdefault(name, _Host())

    def _close(self, url: str, error: _Busy) -> None:
        """Leave a host alone for as long as it asked."""
        if error.wait is not None:
            host = self._host(url)
            host.closed_until = self._monotonic() + error.wait
            host.why = str(error)


def _is_as_safe(asked: httpx.URL, target: httpx.URL) -> bool:
    """Whether a redirect stays with the server that was asked, or goes on to it by https."""
    same = (asked.scheme, asked.host, asked.port) == (target.scheme, target.host, target.port)
    upgraded = asked.host == target.host and asked.scheme == "http" and target.scheme == "https"
    return same or (upgraded and asked.port is None and target.port is None)


def _check(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
        raise _Busy(f"HTTP {status}", _retry_after(response))
    if status == httpx.codes.NOT_FOUND:
        raise NotThere(f"{_plain(url)} does not exist (HTTP 404).")
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise SourceDenied(
            f"{_plain(url)} answered HTTP {status}: check the account and its key, and renew it."
        )
    if status == httpx.codes.BAD_REQUEST:
        raise NotTaken(
            f"{_plain(url)} does not take the question (HTTP 400): check the source's settings."
        )
    if status != httpx.codes.OK:
        raise SourceRefused(f"{_plain(url)} answered HTTP {status}: check the address.")


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that a `Retry-After` asks for, of a date against the answer's own clock."""
    sent = http_date(response.headers.get("date", ""))
    return retry_after(response.headers.get("retry-after", ""), sent)


def _wait_of(error: Exception) -> bool | float:
    """Whether another try may help, and after how many seconds if the provider said so."""
    if isinstance(error, _Busy):
        if error.wait is None:
            return True
        return error.wait if error.wait <= LONGEST_WAIT else False
    return isinstance(error, httpx.TransportError) and not isinstance(error, _NO_ADDRESS)


def _unanswered(url: str, error: Exception, tries: int) -> str:
    reason = str(error) or type(error).__name__
    times = "1 try" if tries == 1 else f"{tries} tries"
    return f"{_plain(url)} did not answer after {times} ({reason}): it will be tried again."


def _plain(url: str) -> str:
    """An address without its query, which may hold keys and selections."""
    parsed = httpx.URL(url)
    return str(parsed.copy_with(query=None, userinfo=b"", fragment=None))
