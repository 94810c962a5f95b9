"""The channels `webhook` and `alertmanager`: POST requests signed as in Standard Webhooks 1.0."""

import base64
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import httpx
from standardwebhooks import Webhook

from ewarn.domain.delivery import Message, Outcome, Receipt, retry_after
from ewarn.domain.time import require_utc
from ewarn.errors import DeliveryError
from ewarn.notify.channels.bodies import news
from ewarn.notify.channels.webhook_transport import WebhookAnswer, WebhookTransport

RETRY_AFTER_AT_MOST = timedelta(hours=24).total_seconds()
_SAID_AT_MOST = 300  # characters of an answer that are stored
_PREFIX = "whsec_"
_TRY_AGAIN = (
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.TOO_EARLY,
    httpx.codes.TOO_MANY_REQUESTS,
)


def key_of(secret: str) -> bytes:
    """Return the 24 to 64 bytes of a `whsec_` secret.

    Raises ValueError for other text. The error does not contain the secret.
    """
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("a secret must be whsec_ followed by the base64 of 24 to 64 bytes")
    return key


def derived_secret(master: str, label: str) -> str:
    """Derive the `whsec_` secret of an endpoint from the operator's secret and a label.

    So the secret of an endpoint is never stored, and whoever knows one cannot compute another.
    """
    return _PREFIX + base64.b64encode(hmac.digest(key_of(master), label.encode(), sha256)).decode()


class WebhookNotifier:
    """Posts each message to its recipient's URL.

    `secrets` are the operator's `whsec_...` secrets, the newest first. Each of them signs the
    message. For a message with `signers`, the secrets derived from them for these labels sign
    instead. `body` builds the body of the request.
    """

    def __init__(
        self,
        transport: WebhookTransport,
        secrets: Sequence[str],
        body: Callable[[Message], bytes] = news,
        name: str = "webhook",
    ) -> None:
        self.name = name
        self.transport = transport
        self.secrets = secrets
        self.body = body

    def send(self, message: Message, now: datetime) -> Receipt:
        """Make one attempt to post a message; the answer decides what to do next."""
        url = _address(message.recipient)
        if url is None:
            return Receipt(Outcome.REFUSED, "the address is no HTTP URL")
        body = self.body(message)
        headers = self._headers(message, body, require_utc(now))
        try:
            return receipt_of(self.transport.post(url, headers | _login(url), body), now)
        except DeliveryError as error:
            return Receipt(Outcome.RETRY, str(error))

    def _headers(self, message: Message, body: bytes, now: datetime) -> dict[str, str]:
        text = body.decode()
        secrets = [
            derived_secret(secret, label) for label in message.signers for secret in self.secrets
        ]
        # The library makes a wrong signature if the time is not in UTC.
        signatures = [
            Webhook(secret).sign(message.id, now, text) for secret in secrets or self.secrets
        ]
        return {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "ewarn",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


@lru_cache(maxsize=256)
def _address(text: str) -> httpx.URL | None:
    try:
        url = httpx.URL(text)
        return url if url.scheme in ("http", "https") and url.host else None
    except (httpx.InvalidURL, ValueError):  # ValueError: the host is not valid in IDNA
        return None


def _login(url: httpx.URL) -> dict[str, str]:
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def receipt_of(answer: WebhookAnswer, now: datetime) -> Receipt:
    """Return the receipt for an answer.

    2xx is delivered, and 410 is gone. 408, 425, 429 and 5xx may be tried again. Everything else is
    refused for good. Redirects are refused too, because following one would hand the message to
    whoever controls the answer.
    """
    status, detail = answer.status, f"HTTP {answer.status}"
    if 200 <= status < 300:
        return Receipt(Outcome.DELIVERED, detail)
    if status == httpx.codes.GONE:
        return Receipt(Outcome.GONE, detail)
    if status in _TRY_AGAIN or status >= 500:
        return Receipt(Outcome.RETRY, detail, _retry_after(answer, now))
    if 300 <= status < 400:
        return Receipt(
            Outcome.REFUSED, f"{detail}: redirects are not followed; give the address itself"
        )
    said = " ".join(answer.body.decode("utf-8", "replace").split())[:_SAID_AT_MOST]
    return Receipt(Outcome.REFUSED, f"{detail}: {said}" if said else detail)


def _retry_after(answer: WebhookAnswer, now: datetime) -> float | None:
    """Return the seconds to wait that the answer asks for, at most a day, or None."""
    asked = retry_after(answer.headers.get("retry-after", ""), now)
    return None if asked is None else min(asked, RETRY_AFTER_AT_MOST)
