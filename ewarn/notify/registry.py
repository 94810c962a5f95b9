"""The channels, one line each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from ewarn.errors import SettingsError
from ewarn.notify.addresses import Network
from ewarn.notify.apprise import AppriseNotifier
from ewarn.notify.bodies import alertmanager
from ewarn.notify.email import EmailNotifier, Mailbox
from ewarn.notify.log import LogNotifier
from ewarn.notify.webhook import WebhookNotifier
from ewarn.notify.webhook_transport import WebhookTransport
from ewarn.ports import Notifier


@dataclass(frozen=True, slots=True)
class Means:
    """What channels are built from: a line and a client, the operator's secrets and networks.

    `mailbox` is None where no mail server is set.
    """

    client: httpx.Client
    line: WebhookTransport
    webhook_secrets: Sequence[str] = ()
    webhook_allow: Sequence[Network] = ()
    mailbox: Mailbox | None = None


def _webhook(means: Means) -> Notifier:
    return WebhookNotifier(means.line, _secrets(means))


def _alertmanager(means: Means) -> Notifier:
    return WebhookNotifier(means.line, _secrets(means), alertmanager, "alertmanager")


def _secrets(means: Means) -> Sequence[str]:
    if not means.webhook_secrets:
        raise SettingsError(
            "EWARN_DELIVER switches webhooks on, but EWARN_WEBHOOK_SECRETS is empty; "
            "set it to a whsec_ secret that the receiver knows"
        )
    return means.webhook_secrets


def _email(means: Means) -> Notifier:
    if means.mailbox is None:
        raise SettingsError(
            "EWARN_DELIVER switches mail on, but EWARN_SMTP_HOST or EWARN_SMTP_FROM is empty; "
            "set them to your mail server and to the address that mail comes from"
        )
    return EmailNotifier(means.mailbox)


# Each raises SettingsError where something is lacking that it cannot do without.
NOTIFIERS: Mapping[str, Callable[[Means], Notifier]] = {
    "alertmanager": _alertmanager,
    "apprise": lambda means: AppriseNotifier(means.webhook_allow),
    "email": _email,
    "log": lambda _: LogNotifier(),
    "webhook": _webhook,
}
