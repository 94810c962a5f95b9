"""The channels `webhook` and `alertmanager`: POSTs that are signed after Standard Webhooks 1.0."""

import base64
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

import httpx
from standardwebhooks import Webhook

from ewarn.domain.delivery import Notification, Outcome, Receipt, retry_after
from ewarn.domain.time import require_utc
from ewarn.errors import DeliveryError
from ewarn.notify.bodies import news
from ewarn.notify.webhook_transport import WebhookAnswer, WebhookTransport

RETRY_AFTER_AT_MOST = timedelta(hours=24).total_seconds()
_SAID_AT_MOST = 300  # characters of an answer that are worth keeping
_PREFIX = "whsec_"
_TRY_AGAIN = (
    httpx.codes.REQUEST_TIMEOUT,
    httpx.codes.TOO_EARLY,
    httpx.codes.TOO_MANY_REQUESTS,
)


def key_of(secret: str) -> bytes:
    """The 24 to 64 bytes of a `whsec_` secret. Raises ValueError, without the secret in it."""
    text = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("a secret is whsec_ and the base64 of 24 to 64 bytes")
    return key


def derived(master: str, label: str) -> str:
    """The `whsec_` secret of an endpoint, made of an operator's and the endpoint's label.

    So no endpoint's secret is ever stored, and one that is known tells nothing of the others.
    """
    return _PREFIX + base64.b64encode(hmac.digest(key_of(master), label.encode(), sha256)).decode()


class WebhookNotifier:
    """Posts to the address each notification names.

    `secrets` are the operator's `whsec_...` texts, the newest first: every one of them signs, or,
    for a notification with `signers`, every secret derived from them for those labels. `body`
    writes what is posted.
    """

    def __init__(
        self,
        line: WebhookTransport,
        secrets: Sequence[str],
        body: Callable[[Notification], bytes] = news,
        name: str = "webhook",
    ) -> None:
        self.name = name
        self.line = line
        self.secrets = secrets
        self.body = body

    def send(self, notification: Notification, now: datetime) -> Receipt:
        """Post once; what to do next is read from the answer."""
        url = _address(notification.recipient)
        if url is None:
            return Receipt(Outcome.REFUSED, "the address is no HTTP URL")
        body = self.body(notification)
        headers = self._headers(notification, body, require_utc(now))
        try:
            return receipt_of(self.line.post(url, headers | _login(url), body), now)
        except DeliveryError as error:
            return Receipt(Outcome.RETRY, str(error))

    def _headers(self, notification: Notification, body: bytes, now: datetime) -> dict[str, str]:
        text = body.decode()
        secrets = [
            derived(secret, label) for label in notification.signers for secret in self.secrets
        ]
        # The library signs anything but a UTC time wrongly.
        signatures = [
            Webhook(secret).sign(notification.id, now, text) for secret in secrets or self.secrets
        ]
        return {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": "ewarn",
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


@lru_cache(maxsize=256)
def _address(text: str) -> httpx.URL | None:
    try:
        url = httpx.URL(text)
        return url if url.scheme in ("http", "https") and url.host else None
    except (httpx.InvalidURL, ValueError):  # the latter from hosts that no IDNA knows
        return None


def _login(url: httpx.URL) -> dict[str, str]:
    if not url.userinfo:
        return {}
    pair = f"{url.username}:{url.password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}


def receipt_of(answer: WebhookAnswer, now: datetime) -> Receipt:
    """What an answer asks for.

    2xx is done, 410 is gone; 408, 425, 429 and 5xx may be tried again. The rest is refused for
    good, redirects too: following one would hand the message to whoever controls the answer.
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
    """Seconds that it asks to wait; at most a day, whatever is asked."""
    asked = retry_after(answer.headers.get("retry-after", ""), now)
    return None if asked is None else min(asked, RETRY_AFTER_AT_MOST)
