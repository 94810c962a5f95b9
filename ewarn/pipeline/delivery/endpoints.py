"""What becomes of an address that does not take what is sent there, and who is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.domain.notice import About, News
from ewarn.notify.payload_fields import endpoint_facts
from ewarn.pipeline.delivery.notifications import notice_for
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.delivery import endpoints, notices, outbox

GIVEN_UP_AFTER = timedelta(hours=120)


@dataclass(frozen=True, slots=True)
class Failure:
    """What an owner is told of an address that has failed since a moment."""

    endpoint: str
    since: datetime
    reason: str
    is_off: bool


def note(
    connection: Connection, service: Service, endpoint: str, receipt: Receipt, now: datetime
) -> None:
    """Write down how an address took a message.

    One that is gone, or has failed for 120 hours, is switched off; of that, and of messages that
    it refuses for good, its owner is told by another way.
    """
    if receipt.outcome is Outcome.DELIVERED:
        endpoints.recovered(connection, endpoint, now)
        return
    if receipt.outcome is Outcome.REFUSED:
        # It answers: that is a fault of the message or of the address, and no failing that lasts.
        reason = f"it refused a message ({receipt.detail})"
        _tell_owner(connection, service, Failure(endpoint, now, reason, is_off=False), now)
        return
    since = endpoints.failed(connection, endpoint, now, receipt.detail)
    failure = _failure(endpoint, since, receipt, now)
    if failure is None:
        return
    if failure.is_off:
        endpoints.disable(connection, endpoint, now, failure.reason)
        outbox.hold(connection, endpoint)
    _tell_owner(connection, service, failure, now)


def _failure(endpoint: str, since: datetime, receipt: Receipt, now: datetime) -> Failure | None:
    """The failure that switches an address off; None of one that is tried again."""
    if receipt.outcome is Outcome.GONE:
        reason = f"it is gone ({receipt.detail}) and is switched off"
        return Failure(endpoint, since, reason, is_off=True)
    if now - since >= GIVEN_UP_AFTER:
        days = GIVEN_UP_AFTER.days
        reason = f"it has failed for {days} days ({receipt.detail}) and is switched off"
        return Failure(endpoint, since, reason, is_off=True)
    return None


def _tell_owner(connection: Connection, service: Service, failure: Failure, now: datetime) -> None:
    """Tell whoever stands beside the address: once that it is off, once a day that it refuses."""
    known = directory(connection, service, now)
    recipient = known.all.get(failure.endpoint)
    if recipient is None:
        return  # nobody's any more
    channel, address = recipient.channel, recipient.address
    news = News(
        about=About.ENDPOINT,
        thread=f"endpoint:{failure.endpoint}"[:80],
        occasion=_occasion(failure),
        countries=("*",),
        facts=lambda _: endpoint_facts(channel, address, failure.reason, failure.since),
        urgent=True,
    )
    others = known.beside(recipient)
    notices.add(connection, [notice_for(other, news, now) for other in others])


def _occasion(failure: Failure) -> str:
    if failure.is_off:
        return f"off|{failure.since.isoformat()}"
    return f"refused|{failure.since.date()}"
