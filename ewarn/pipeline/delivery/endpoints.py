"""What happens when an address does not accept what is sent to it, and who is notified of that."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.domain.notification import About, News
from ewarn.notify.messages.payload_fields import endpoint_facts
from ewarn.pipeline.delivery.notifications import notification_for
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, notifications, outbox

GIVEN_UP_AFTER = timedelta(hours=120)


@dataclass(frozen=True, slots=True)
class Failure:
    """What the owner of an address is notified of: it has failed since a moment, and why."""

    endpoint: str
    since: datetime
    reason: str
    is_off: bool


def record_receipt(
    connection: Connection, service: Service, endpoint: str, receipt: Receipt, now: datetime
) -> None:
    """Store how an address answered to a message.

    An address that is gone, or has failed for 120 hours, is switched off. Its owner is notified of
    that by another way, and also of messages that the address refuses for good.
    """
    if receipt.outcome is Outcome.DELIVERED:
        endpoints.recovered(connection, endpoint, now)
        return
    if receipt.outcome is Outcome.REFUSED:
        # The address answers, so it is not failing: the message or the address is wrong.
        reason = f"it refused a message ({receipt.detail})"
        _notify_owner(connection, service, Failure(endpoint, now, reason, is_off=False), now)
        return
    since = endpoints.failed(connection, endpoint, now, receipt.detail)
    failure = _failure(endpoint, since, receipt, now)
    if failure is None:
        return
    if failure.is_off:
        endpoints.disable(connection, endpoint, now, failure.reason)
        outbox.hold(connection, endpoint)
    _notify_owner(connection, service, failure, now)


def _failure(endpoint: str, since: datetime, receipt: Receipt, now: datetime) -> Failure | None:
    """Return the failure that switches an address off, or None if the address is tried again."""
    if receipt.outcome is Outcome.GONE:
        reason = f"it is gone ({receipt.detail}) and is switched off"
        return Failure(endpoint, since, reason, is_off=True)
    if now - since >= GIVEN_UP_AFTER:
        days = GIVEN_UP_AFTER.days
        reason = f"it has failed for {days} days ({receipt.detail}) and is switched off"
        return Failure(endpoint, since, reason, is_off=True)
    return None


def _notify_owner(
    connection: Connection, service: Service, failure: Failure, now: datetime
) -> None:
    """Notify the other recipients of the same owner of a failure.

    They are notified once that an address is off, and once a day that it refuses messages.
    """
    known = directory(connection, service, now)
    recipient = known.all.get(failure.endpoint)
    if recipient is None:
        return  # the recipient was removed, so it has no owner any more
    channel, address = recipient.channel, recipient.address
    news = News(
        about=About.ENDPOINT,
        thread=f"endpoint:{failure.endpoint}"[:80],
        occasion=_occasion(failure),
        countries=("*",),
        facts=lambda _: endpoint_facts(channel, address, failure.reason, failure.since),
        urgent=True,
    )
    others = known.alternatives_to(recipient)
    notifications.add(connection, [notification_for(other, news, now) for other in others])


def _occasion(failure: Failure) -> str:
    if failure.is_off:
        return f"off|{failure.since.isoformat()}"
    return f"refused|{failure.since.date()}"
