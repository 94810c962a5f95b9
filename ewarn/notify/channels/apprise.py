"""The channel `apprise`: chat, push and SMS services, through the library Apprise.

Its addresses contain tokens, so no part of an address is ever written to a receipt or a log.
"""

import ipaddress
import logging
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import apprise
from apprise import manager_plugins

from ewarn.domain.delivery import Message, Outcome, Receipt
from ewarn.errors import DeliveryError
from ewarn.notify.channels.address_checks import HOSTED, OFFICIAL, SCHEMES
from ewarn.notify.channels.addresses import Network, resolve

TIMEOUT_SECONDS = 15.0
_Services: Any = manager_plugins.NotificationManager  # Apprise has no type annotations


class AppriseNotifier:
    """Sends each message to one Apprise URL.

    Only the schemes in `address_checks.SCHEMES` are accepted. Other schemes of Apprise write to
    this machine (files, desktops, syslog) or post anything to any host, and a list of forbidden
    schemes would have to grow with each version of Apprise. A host in a URL must be public or
    allowed by the operator.
    """

    name = "apprise"

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self.allowed = allowed
        self._asset = apprise.AppriseAsset(
            storage_mode="memory",
            allow_templates=False,
            plugin_paths=(),
            service_timeout=TIMEOUT_SECONDS,
        )
        self._asset.app_id = "ewarn"
        self._asset.http_redirects = False
        self._asset.async_mode = False
        # No image from another server.
        self._asset.image_url_mask = self._asset.image_url_logo = ""
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            _Services().load_modules()  # one of its modules still imports the deprecated imghdr
        for name in ("apprise", "urllib3", "requests_oauthlib"):  # these log addresses
            logging.getLogger(name).setLevel(logging.CRITICAL + 10)

    def send(self, message: Message, now: datetime) -> Receipt:  # noqa: ARG002
        """Make one attempt to send a message.

        Apprise reports only success or failure, so every failure may be tried again.
        """
        scheme = message.recipient.partition("://")[0].lower()
        if "://" not in message.recipient or scheme not in SCHEMES:
            return Receipt(Outcome.REFUSED, f"the schemes are {', '.join(sorted(SCHEMES))}")
        try:
            service = self._service(scheme, message.recipient)
            if service is None:
                return Receipt(Outcome.REFUSED, f"it is no address of {scheme}://")
            target = apprise.Apprise(asset=self._asset)
            target.add(service)
            is_sent = target.notify(body=message.text, title=message.subject, body_format="text")
        except DeliveryError as error:
            return Receipt(Outcome.RETRY, str(error))
        except Exception as error:  # each of the many services may raise errors of its own
            return Receipt(Outcome.RETRY, f"{scheme}:// failed ({type(error).__name__})")
        if is_sent:
            return Receipt(Outcome.DELIVERED, f"{scheme}:// took it")
        return Receipt(Outcome.RETRY, f"{scheme}:// did not take it")

    def _service(self, scheme: str, url: str) -> Any:
        """Return Apprise's service for a URL, or None if the URL is not valid for the scheme.

        Raises DeliveryError if the host may not be connected to.
        """
        parts = _Services()[scheme].parse_url(url)
        if parts is None:
            return None
        for name in ("retry", "wait", "service_retry", "template"):
            parts.pop(name, None)
        parts |= {"verify": True, "redirect": False, "rto": TIMEOUT_SECONDS, "cto": "4"}
        if scheme not in OFFICIAL:
            self._check_host(scheme, parts)
        return apprise.Apprise.instantiate(parts, asset=self._asset)

    def _check_host(self, scheme: str, parts: dict[str, Any]) -> None:
        """Check the host of a service, and pin it to the checked address if there is no TLS.

        With TLS the name stays: a name that moves to a private host cannot present its certificate.
        """
        is_plain = scheme in HOSTED
        if "mode" in parts and scheme.startswith("ntfy"):
            parts["mode"] = "private"
        port = int(parts.get("port") or (80 if is_plain else 443))
        address = resolve(parts["host"], port, self.allowed)[0]
        if is_plain:
            is_six = isinstance(address, ipaddress.IPv6Address)
            parts["host"] = f"[{address}]" if is_six else str(address)
