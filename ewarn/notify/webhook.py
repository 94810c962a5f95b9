"""The channel `webhook`: signed POSTs as Standard Webhooks 1.0 describes them."""

from collections.abc import Sequence
from datetime import datetime

import httpx
import orjson
from standardwebhooks import Webhook

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.domain.time import require_utc
from ewarn.errors import DeliveryError
from ewarn.notify.addresses import Network, resolve

TIMEOUT_SECONDS = 15.0
_BODY_READ_AT_MOST = 2_000  # bytes of an answer that are worth keeping


class WebhookNotifier:
    """Posts to the address each notification names.

    `secrets` are `whsec_...` texts: during a rotation every one of them signs. `allowed` are
    networks beyond the public ones that the operator lets it dial.
    """

    name = "webhook"

    def __init__(
        self, client: httpx.Client, secrets: Sequence[str], allowed: Sequence[Network] = ()
    ) -> None:
        self.client = client
        self.secrets = secrets
        self.allowed = allowed

    def send(self, notification: Notification, now: datetime) -> Receipt:
        """Post once; what to do next is read from the answer."""
        try:
            response = self.client.send(self._request(notification, now), follow_redirects=False)
        except DeliveryError as error:
            return Receipt(Outcome.RETRY, str(error))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return Receipt(Outcome.REFUSED, f"{notification.recipient!r} is no address: {error}")
        except httpx.HTTPError as error:
            return Receipt(Outcome.RETRY, f"no answer: {error or type(error).__name__}")
        return receipt_of(response)

    def _request(self, notification: Notification, now: datetime) -> httpx.Request:
        body = orjson.dumps(notification.body, option=orjson.OPT_SORT_KEYS)
        moment = require_utc(now)  # the library signs anything but a UTC time wrongly
        signatures = [
            Webhook(secret).sign(notification.id, moment, body.decode()) for secret in self.secrets
        ]
        url = httpx.URL(notification.recipient)
        if url.scheme not in ("http", "https") or not url.host:
            raise httpx.UnsupportedProtocol("a webhook address starts with https://")
        port = url.port or {"http": 80, "https": 443}[url.scheme]
        address = resolve(url.host, port, self.allowed)
        return self.client.build_request(
            "POST",
            url.copy_with(host=str(address)),
            content=body,
            headers={
                "host": url.netloc.decode(),
                "content-type": "application/json",
                "webhook-id": notification.id,
                "webhook-timestamp": str(int(moment.timestamp())),
                "webhook-signature": " ".join(signatures),
            },
            extensions={"sni_hostname": url.host},
            timeout=TIMEOUT_SECONDS,
        )


def receipt_of(response: httpx.Response) -> Receipt:
    """What an answer asks for: 2xx is done, 410 is gone, 429 and 5xx may be tried again."""
    status = response.status_code
    detail = f"HTTP {status}"
    if response.is_success:
        return Receipt(Outcome.DELIVERED, detail)
    if status == httpx.codes.GONE:
        return Receipt(Outcome.GONE, detail)
    if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
        return Receipt(Outcome.RETRY, detail, _retry_after(response))
    said = response.text[:_BODY_READ_AT_MOST].strip().replace("\n", " ")
    return Receipt(Outcome.REFUSED, f"{detail}: {said}" if said else detail)


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdecimal() else None
