"""From a change of an alert to the messages of the offices that cover its region."""

import hashlib
from datetime import datetime

from ewarn.domain.delivery import Notification
from ewarn.domain.notice import About, Notice
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Office
from ewarn.notify.compose import compose
from ewarn.notify.facts import Occasion, alert_facts


def notifications(
    occasion: Occasion, offices: tuple[Office, ...], channels: frozenset[str], now: datetime
) -> list[Notification]:
    """One notification for each recipient of each office that covers the region.

    A recipient is `channel:address`. Those whose channel is not switched on are left out; an
    office without any left gets its message on the channel `log`, so that nothing goes unsaid.
    """
    made = []
    for office in offices:
        if not office.covers(occasion.region):
            continue
        wanted = [text.partition(":") for text in office.recipients]
        open_ones = [(channel, to) for channel, _, to in wanted if channel in channels]
        for channel, address in open_ones or [("log", office.id)]:
            id_ = f"{office.id}|{channel}|{address}"
            to = Recipient(id_, office.id, channel, address, office.language)
            notice = _notice(occasion, to, now)
            made.append(compose(to, [notice], now, occasion.base_url))
    return made


def _notice(occasion: Occasion, to: Recipient, now: datetime) -> Notice:
    alert = occasion.change.alert
    parts = (alert.id, str(occasion.change.kind), alert.last_origin.isoformat(), to.id)
    return Notice(
        id=hashlib.sha256("|".join(parts).encode()).hexdigest()[:32],
        recipient=to.id,
        about=About.ALERT,
        thread=alert.id,
        urgent=False,
        facts=alert_facts(occasion, to.language, now),
        created_at=now,
        due_at=now,
    )
