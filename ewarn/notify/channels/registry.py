"""The registry of channels, by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import httpx

from ewarn.errors import SettingsError
from ewarn.notify.channels.addresses import Network
from ewarn.notify.channels.apprise import AppriseNotifier
from ewarn.notify.channels.bodies import alertmanager
from ewarn.notify.channels.email import EmailNotifier, MailServer
from ewarn.notify.channels.log import LogNotifier
from ewarn.notify.channels.webhook import WebhookNotifier
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.ports import Notifier


@dataclass(frozen=True, slots=True)
class ChannelResources:
    """The shared resources from which channels are built.

    `webhook_allow` are networks that the operator allows in addition to the public ones.
    `mail_server` is None if no mail server is configured.
    """

    client: httpx.Client
    transport: WebhookTransport
    webhook_secrets: Sequence[str] = ()
    webhook_allow: Sequence[Network] = ()
    mail_server: MailServer | None = None


def _webhook(resources: ChannelResources) -> Notifier:
    return WebhookNotifier(resources.transport, _secrets(resources))


def _alertmanager(resources: ChannelResources) -> Notifier:
    return WebhookNotifier(resources.transport, _secrets(resources), alertmanager, "alertmanager")


def _secrets(resources: ChannelResources) -> Sequence[str]:
    if not resources.webhook_secrets:
        raise SettingsError(
            "EWARN_DELIVER switches webhooks on, but EWARN_WEBHOOK_SECRETS is empty; "
            "set it to a whsec_ secret that the receiver knows"
        )
    return resources.webhook_secrets


def _email(resources: ChannelResources) -> Notifier:
    if resources.mail_server is None:
        raise SettingsError(
            "EWARN_DELIVER switches mail on, but EWARN_SMTP_HOST or EWARN_SMTP_FROM is empty; "
            "set them to your mail server and to the address that mail comes from"
        )
    return EmailNotifier(resources.mail_server)


# Each function builds a channel and raises SettingsError if a setting that it needs is missing.
NOTIFIERS: Mapping[str, Callable[[ChannelResources], Notifier]] = {
    "alertmanager": _alertmanager,
    "apprise": lambda resources: AppriseNotifier(resources.webhook_allow),
    "email": _email,
    "log": lambda _: LogNotifier(),
    "webhook": _webhook,
}
