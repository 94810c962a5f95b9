"""The channel `apprise`: chat, push and SMS services, by the library that speaks to them.

Its addresses hold tokens, so none of it is ever told in a receipt or a log.
"""

import ipaddress
import logging
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import apprise
from apprise import manager_plugins

from ewarn.domain.delivery import Notification, Outcome, Receipt
from ewarn.errors import DeliveryError
from ewarn.notify.address_checks import HOSTED, OFFICIAL, SCHEMES
from ewarn.notify.addresses import Network, resolve

TIMEOUT_SECONDS = 15.0
_Services: Any = manager_plugins.NotificationManager  # it has no types


class AppriseNotifier:
    """Sends each notification to one Apprise URL.

    All of Apprise's schemes that are not listed here are refused: some reach this machine (files,
    desktops, syslog), some post anything to anywhere, and a list of what is forbidden would grow
    with each of its versions. A host that a URL names must be public, or allowed by the operator.
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
        # No picture from elsewhere.
        self._asset.image_url_mask = self._asset.image_url_logo = ""
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            _Services().load_modules()  # one of its services still imports imghdr
        for name in ("apprise", "urllib3", "requests_oauthlib"):  # they log addresses
            logging.getLogger(name).setLevel(logging.CRITICAL + 10)

    def send(self, notification: Notification, now: datetime) -> Receipt:  # noqa: ARG002
        """Send once. Apprise says yes or no, so every no may be tried again."""
        scheme = notification.recipient.partition("://")[0].lower()
        if "://" not in notification.recipient or scheme not in SCHEMES:
            return Receipt(Outcome.REFUSED, f"the schemes are {', '.join(sorted(SCHEMES))}")
        try:
            service = self._service(scheme, notification.recipient)
            if service is None:
                return Receipt(Outcome.REFUSED, f"it is no address of {scheme}://")
            target = apprise.Apprise(asset=self._asset)
            target.add(service)
            is_sent = target.notify(
                body=notification.text, title=notification.subject, body_format="text"
            )
        except DeliveryError as error:
            return Receipt(Outcome.RETRY, str(error))
        except Exception as error:  # whatever one of its many services does
            return Receipt(Outcome.RETRY, f"{scheme}:// failed ({type(error).__name__})")
        if is_sent:
            return Receipt(Outcome.DELIVERED, f"{scheme}:// took it")
        return Receipt(Outcome.RETRY, f"{scheme}:// did not take it")

    def _service(self, scheme: str, url: str) -> Any:
        """Apprise's service, None where the URL is none of it; raises DeliveryError."""
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
        """Over TLS a name that moves inside cannot prove who it is; else what was checked is
        what is dialled."""
        is_plain = scheme in HOSTED
        if "mode" in parts and scheme.startswith("ntfy"):
            parts["mode"] = "private"
        port = int(parts.get("port") or (80 if is_plain else 443))
        address = resolve(parts["host"], port, self.allowed)[0]
        if is_plain:
            is_six = isinstance(address, ipaddress.IPv6Address)
            parts["host"] = f"[{address}]" if is_six else str(address)
