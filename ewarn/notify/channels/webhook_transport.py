"""Post webhooks over pooled connections, with checked addresses and a deadline.

The address is checked when the connection is opened. So a name that resolves to something else a
moment later cannot bypass the check, while TLS still verifies the name. Redirects are not followed,
answers are not decompressed, and only the beginning of an answer is read.
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
from ewarn.notify.channels.addresses import Address, Network, resolve

TIMEOUT_SECONDS = 15.0  # for a whole attempt, without the resolution of the name
BODY_READ_AT_MOST = 64 * 1024  # bytes of an answer; a connection that sends more is closed
_DIAL_SECONDS = 5.0  # for each address of a name, except the last one
_KEPT = 20  # idle connections that stay open


@dataclass(frozen=True, slots=True)
class WebhookAnswer:
    """The answer of a receiver, with the beginning of its raw body."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


class _Clock(threading.local):
    """The deadline of this thread's attempt, on the monotonic clock."""

    ends = 0.0

    def left(self, wanted: float | None) -> float:
        """Return the seconds an operation may take. Raises ReadTimeout if none are left."""
        left = self.ends - monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("it took too long")
        return left if wanted is None else min(left, wanted)


class _Stream(httpcore.NetworkStream):
    """A connection on which no operation takes longer than what is left of the attempt."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self._inner = inner
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes in the time that is left."""
        return self._inner.read(max_bytes, self._clock.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send bytes in the time that is left."""
        self._inner.write(buffer, self._clock.left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Start TLS on the connection in the time that is left."""
        left = self._clock.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the underlying connection."""
        return self._inner.get_extra_info(info)


class _Dialler(httpcore.SyncBackend):
    """Connects to exactly the addresses that were checked."""

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
        """Connect to the first address of a host that answers.

        Raises DeliveryError if one of the addresses may not be connected to.
        """
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
    """Sends POST requests over connections that are reused. It is thread-safe.

    `allowed` are networks that it connects to in addition to the public ones. `seconds` is the time
    limit of a whole attempt. `trust` replaces the system's certificates.
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
        """Send one POST request.

        An answer counts from its first line, even if the rest of it does not arrive, because the
        status already says whether the message was accepted.

        Raises:
            DeliveryError: No answer came in time; the text is one sentence.
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
        """Close all connections."""
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
