"""One polite GET: retried where another try may help, bounded in size, and never a bare error."""

import httpx
import stamina

from ewarn.errors import SourceRefused, SourceUnreachable

ATTEMPTS = 3
MAX_BYTES = 64 * 1024 * 1024
TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # seconds


class NotThere(SourceRefused):
    """The provider has nothing under this address (404)."""


class _Busy(Exception):
    """The provider answered that it cannot answer now."""


def download(client: httpx.Client, url: str) -> bytes:
    """Body of `url`; raises SourceUnreachable after three tries without an answer, NotThere on
    404, SourceRefused on any other refusal or a body over 64 MiB.
    """
    try:
        for attempt in stamina.retry_context(on=(httpx.TransportError, _Busy), attempts=ATTEMPTS):
            with attempt:
                return _body(client, url)
    except (httpx.TransportError, _Busy) as error:
        reason = str(error) or type(error).__name__
        raise SourceUnreachable(
            f"{url} did not answer after {ATTEMPTS} tries ({reason}): it will be tried again."
        ) from error
    except httpx.HTTPError as error:
        raise SourceRefused(f"{url} cannot be read ({error}): check the address.") from error
    raise AssertionError("a retry context ends with a result or an error")


def _body(client: httpx.Client, url: str) -> bytes:
    with client.stream("GET", url, timeout=TIMEOUT) as response:
        status = response.status_code
        if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
            raise _Busy(f"HTTP {status}")
        if status == httpx.codes.NOT_FOUND:
            raise NotThere(f"{url} does not exist (HTTP 404).")
        if status != httpx.codes.OK:
            raise SourceRefused(f"{url} answered HTTP {status}: check the address and account.")
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > MAX_BYTES:
                raise SourceRefused(
                    f"{url} sends more than {MAX_BYTES >> 20} MiB: that is not what it should be."
                )
            parts.append(part)
        return b"".join(parts)
