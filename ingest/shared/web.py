"""HTTP client for providers: rate-limited, with retries, limits on size and time, and clear errors.

All sources share one `Web`, so that what one source learns about a host (how long to wait) holds
for the others too.
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
from ewarn.languages import source_reasons

ATTEMPTS = 3
MAX_BYTES = 64 * 1024 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds without receiving a byte
DEADLINE = 600.0  # seconds for a whole answer of up to 64 MiB, even if it arrives steadily
MOST_REDIRECTS = 5
AT_ONCE = 4  # requests to one host at the same time
APART = 0.05  # least number of seconds between the starts of two requests to one host
LONGEST_WAIT = 30.0  # seconds within a call; if a host asks for more, it is not used until then


_NO_ADDRESS = (httpx.InvalidURL, httpx.UnsupportedProtocol)


class AddressNotFound(SourceRefused):
    """Raised if the provider has nothing at this address (404)."""


class RequestNotAccepted(SourceRefused):
    """Raised if the provider does not accept the request as it was sent (400)."""


class _Busy(Exception):
    """Raised if the provider cannot answer now; `wait` is the number of seconds, if it said so."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer of a provider: its headers, with lower-case names, and its body."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, which some providers send with 200 instead of an error."""
        return "html" in self.headers.get("content-type", "") or self.body.lstrip()[
            :15
        ].lower().startswith((b"<!doctype html", b"<html"))


@dataclass(frozen=True, slots=True)
class _Question:
    """A request to a provider."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)


@dataclass
class _Host:
    """The state of one host: when it may be used next, and how many requests are running."""

    next_at: float = 0.0
    closed_until: float = 0.0
    why: str = ""
    slots: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )


class _Taken:
    """The body of an answer, of at most `max_bytes`, held in memory or written to a file."""

    def __init__(self, max_bytes: int, into: IO[bytes] | None = None) -> None:
        self.max_bytes = max_bytes
        self._into = into
        self._parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        """The bytes held in memory."""
        return b"".join(self._parts)

    def begin(self) -> None:
        """Discard what an earlier try received."""
        self._parts.clear()
        if self._into is not None:
            self._into.seek(0)
            self._into.truncate()

    def add(self, part: bytes) -> None:
        """Add a part of the body.

        Raises:
            SourceRefused: If there is no space left for the temporary file.
        """
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
    """Client for GET and POST requests; only tests set `timeout`, `monotonic` and `sleep`."""

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
        """Return the answer to a GET request.

        Args:
            headers: Are sent only to the server of `url`, not to others it redirects to.
            max_bytes: The largest body, by default 64 MiB.
            into: A file for a body that is too large for memory; the answer then has an empty body.

        Raises:
            SourceUnreachable: If there was no answer after three tries.
            SourceDenied: On 401 and 403.
            NotTaken: On 400.
            NotThere: On 404.
            SourceRefused: On any other refusal, or if the body is larger than `max_bytes`.
        """
        full = str(httpx.URL(url, params=params)) if params else url
        taken = _Taken(max_bytes or MAX_BYTES, into)
        return self._asked(_Question("GET", full, headers or {}), taken)

    def post(self, url: str, form: Mapping[str, str]) -> HttpAnswer:
        """Return the answer to a posted form, which is never shown in errors; raise as `get`."""
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
            raise SourceRefused(
                f"{where!r} is not an address that can be asked ({error}): check it."
            ) from error
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
            # Headers may hold secrets, which are meant only for the server that was asked.
            headers = question.headers if _is_as_safe(asked, target) else {}
            question = _Question("GET", str(target), headers)
        raise SourceRefused(f"{_plain(question.url)} redirects without end: check the address.")

    def _once(self, question: _Question, taken: "_Taken") -> tuple[HttpAnswer, str | None]:
        """Send one request, and return its answer and the address it redirects to, if any."""
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
        """Wait until a host may be used: limit the number and the rate of requests.

        Raises:
            SourceUnreachable: If the host asked for a longer pause that is not over yet.
        """
        host = self._host(url)
        now = self._monotonic()
        if now < host.closed_until:
            left = f"{host.closed_until - now:.0f}"
            raise SourceUnreachable(
                source_reasons.PAUSED(host=httpx.URL(url).host, seconds=left, error=host.why)
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
        """Do not use a host for as long as it asked."""
        if error.wait is not None:
            host = self._host(url)
            host.closed_until = self._monotonic() + error.wait
            host.why = str(error)


def _is_as_safe(asked: httpx.URL, target: httpx.URL) -> bool:
    """Return whether a redirect stays on the same server, or changes only from http to https."""
    same = (asked.scheme, asked.host, asked.port) == (target.scheme, target.host, target.port)
    upgraded = asked.host == target.host and asked.scheme == "http" and target.scheme == "https"
    return same or (upgraded and asked.port is None and target.port is None)


def _check(url: str, response: httpx.Response) -> None:
    status = response.status_code
    if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
        raise _Busy(f"HTTP {status}", _retry_after(response))
    if status == httpx.codes.NOT_FOUND:
        raise AddressNotFound(source_reasons.NOT_THERE(address=_plain(url)))
    if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise SourceDenied(source_reasons.DENIED(address=_plain(url), status=status))
    if status == httpx.codes.BAD_REQUEST:
        raise RequestNotAccepted(source_reasons.NOT_TAKEN(address=_plain(url)))
    if status != httpx.codes.OK:
        raise SourceRefused(source_reasons.REFUSED(address=_plain(url), status=status))


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that `Retry-After` asks for; a date is compared with the answer's date."""
    sent = http_date(response.headers.get("date", ""))
    return retry_after(response.headers.get("retry-after", ""), sent)


def _wait_of(error: Exception) -> bool | float:
    """Return whether another try may help, or the seconds to wait if the provider gave them."""
    if isinstance(error, _Busy):
        if error.wait is None:
            return True
        return error.wait if error.wait <= LONGEST_WAIT else False
    return isinstance(error, httpx.TransportError) and not isinstance(error, _NO_ADDRESS)


def _unanswered(url: str, error: Exception, tries: int) -> str:
    reason = str(error) or type(error).__name__
    if tries == 1:
        return source_reasons.UNANSWERED_ONCE(address=_plain(url), error=reason)
    return source_reasons.UNANSWERED(address=_plain(url), tries=tries, error=reason)


def _plain(url: str) -> str:
    """Return an address without its query and login, which may hold keys and selections."""
    parsed = httpx.URL(url)
    return str(parsed.copy_with(query=None, userinfo=b"", fragment=None))
