"""What becomes of an address that does not take what is sent there, and who is told."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from ewarn.domain.delivery import Outcome, Receipt
from ewarn.domain.notice import About, News
from ewarn.notify.facts import endpoint_facts
from ewarn.pipeline.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.pipeline.telling import notice_for
from ewarn.store import endpoints, notices, outbox

GIVEN_UP_AFTER = timedelta(hours=120)


def note(
    connection: Connection, service: Service, endpoint: str, receipt: Receipt, now: datetime
) -> None:
    """Write down how an address took a message.

    One that is gone, or has failed for 120 hours, is switched off; of that, and of the first
    message that it refuses for good, its owner is told by another way.
    """
    if receipt.outcome is Outcome.DELIVERED:
        endpoints.recovered(connection, endpoint, now)
        return
    since = endpoints.failed(connection, endpoint, now, receipt.detail)
    if receipt.outcome is Outcome.GONE:
        _switch_off(connection, service, endpoint, since, f"it is gone ({receipt.detail})", now)
    elif now - since >= GIVEN_UP_AFTER:
        reason = f"it has failed for {GIVEN_UP_AFTER.days} days ({receipt.detail})"
        _switch_off(connection, service, endpoint, since, reason, now)
    elif receipt.outcome is Outcome.REFUSED:
        reason = f"it refused a message ({receipt.detail})"
        _tell_owner(connection, service, endpoint, since, reason, now)


def _switch_off(
    connection: Connection,
    service: Service,
    endpoint: str,
    since: datetime,
    reason: str,
    now: datetime,
) -> None:
    endpoints.disable(connection, endpoint, now, reason)
    outbox.hold(connection, endpoint)
    _tell_owner(connection, service, endpoint, since, f"{reason} and is switched off", now)


def _tell_owner(
    connection: Connection,
    service: Service,
    endpoint: str,
    since: datetime,
    reason: str,
    now: datetime,
) -> None:
    """Tell whoever stands beside this address; told twice in one spell of failure, it is once."""
    known = directory(connection, service, now)
    recipient = known.all.get(endpoint)
    if recipient is None:
        return  # nobody's any more
    kind = "off" if "switched off" in reason else "refused"
    news = News(
        about=About.ENDPOINT,
        thread=f"endpoint:{endpoint}"[:80],
        occasion=f"{kind}|{since.isoformat()}",
        countries=("*",),
        facts=lambda _: endpoint_facts(recipient.channel, recipient.address, reason, since),
        urgent=True,
    )
    others = known.beside(recipient)
    notices.add(connection, [notice_for(other, news, now) for other in others])
