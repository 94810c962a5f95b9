"""The line that webhooks are sent over: connections that are kept, checked addresses, a deadline.

An address is checked where it is dialled, so a name that answers differently a moment later gains
nothing, and TLS is still spoken with the name. Nothing is followed, unpacked or read at length.
"""

import ssl
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Self

import httpcore
import httpx

from ewarn.errors import DeliveryError
from ewarn.notify.addresses import Address, Network, resolve

TIMEOUT_SECONDS = 15.0  # for all of an attempt, the look-up of the name excepted
BODY_READ_AT_MOST = 64 * 1024  # bytes of an answer; a connection with more to say is given up
_DIAL_SECONDS = 5.0  # for one of several addresses of a name
_KEPT = 20  # connections


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """What a receiver answered; of its body only the beginning, as it came."""

    status: int
    headers: dict[str, str]  # names in small letters
    body: bytes


class _Clock(threading.local):
    """When the attempt of this thread must be over, on the monotonic clock."""

    ends = 0.0

    def left(self, wanted: float | None) -> float:
        """The seconds an operation may take; raises ReadTimeout where none are left."""
        left = self.ends - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("it took too long")
        return left if wanted is None else min(left, wanted)


class _Stream(httpcore.NetworkStream):
    """A connection on which no single operation outlasts the whole attempt."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Some bytes, in what time is left."""
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, in what time is left."""
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        """Hang up."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The connection under TLS, agreed on in what time is left."""
        left = self._clock.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._inner.get_extra_info(info)


class _Dialler(httpcore.SyncBackend):
    """Connects to the very addresses that were checked."""

    def __init__(self, allowed: Sequence[Network], clock: _Clock) -> None:
        self._allowed = allowed
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """The first of a host's addresses that answers; raises DeliveryError if one is barred."""
        *others, last = resolve(host, port, self._allowed)

        def dialled(address: Address, wait: float | None) -> httpcore.NetworkStream:
            left = self._clock.left(wait)
            options = (local_address, socket_options)
            opened = super(_Dialler, self).connect_tcp(str(address), port, left, *options)
            return _Stream(opened, self._clock)

        for address in others:
            try:
                return dialled(address, _DIAL_SECONDS)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return dialled(last, timeout)


class WebhookTransport:
    """Posts, over connections that it keeps for the next post. Safe to share between threads.

    `allowed` are networks beyond the public ones that it dials; `seconds` bound a whole attempt.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        seconds: float = TIMEOUT_SECONDS,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.allowed = allowed
        self.seconds = seconds
        self._clock = _Clock()
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust or httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=_KEPT,
            keepalive_expiry=30,
            network_backend=_Dialler(allowed, self._clock),
        )

    def post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Post once. Raises DeliveryError, with one sentence, where no answer came in time.

        An answer that began counts, however it goes on: its status says what came of the message.
        """
        self._clock.ends = monotonic() + self.seconds
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        try:
            with self._pool.stream(
                "POST",
                target,
                headers=[("host", url.netloc.decode("ascii")), *headers.items()],
                content=body,
                extensions={"timeout": dict.fromkeys(_OPERATIONS, self.seconds)},
            ) as response:
                said = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                return WebhookAnswer(response.status, said, _beginning(response))
        except httpcore.TimeoutException:
            raise DeliveryError(f"no answer within {self.seconds:g} seconds") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise DeliveryError(f"no answer: {error or type(error).__name__}") from None

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_OPERATIONS = ("connect", "read", "write", "pool")


def _beginning(response: httpcore.Response) -> bytes:
    parts, length = [], 0
    try:
        for part in response.iter_stream():
            parts.append(part)
            length += len(part)
            if length > BODY_READ_AT_MOST:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return b"".join(parts)[:BODY_READ_AT_MOST]
