"""The channels, one line each."""

from collections.abc import Callable, Mapping, Sequence

import httpx

from ewarn.notify.addresses import Network
from ewarn.notify.log import LogNotifier
from ewarn.notify.webhook import WebhookNotifier
from ewarn.ports import Notifier


class Means:
    """What channels are built from: one HTTP client, and the operator's secrets and networks."""

    def __init__(
        self, client: httpx.Client, webhook_secrets: Sequence[str], webhook_allow: Sequence[Network]
    ) -> None:
        self.client = client
        self.webhook_secrets = webhook_secrets
        self.webhook_allow = webhook_allow


NOTIFIERS: Mapping[str, Callable[[Means], Notifier]] = {
    "log": lambda _: LogNotifier(),
    "webhook": lambda means: WebhookNotifier(
        means.client, means.webhook_secrets, means.webhook_allow
    ),
}
