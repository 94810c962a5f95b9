"""What was held back of an alert, and what waits to be told, for those who may know of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ewarn.domain.key import ApiKey
from ewarn.domain.recipient import Recipient
from ewarn.notify.hold_reasons import hold_words, wait_words
from ewarn.pipeline.delivery.recipients import directory
from ewarn.pipeline.service import Service
from ewarn.store.alerts import held_back
from ewarn.store.delivery import notices


@dataclass(frozen=True, slots=True)
class Held:
    """A change that was not told when it was made. `office`, `channel` and `tier` say whom it waits
    for; all are None where nobody was told. It waits or was silenced `until`, as known then."""

    at: datetime
    change: str
    why: str
    reason: str
    until: datetime | None
    office: str | None = None
    channel: str | None = None
    tier: int | None = None


def held_of(
    connection: Connection, service: Service, key: ApiKey, alert_id: str, moment: datetime
) -> list[Held]:
    """All that was held back of an alert up to a moment, and what waited at it for the offices of a
    key and for its own subscriptions, oldest first."""
    found = [
        Held(
            each.at,
            each.kind,
            each.why.value,
            hold_words(each.why, each.about, each.until),
            each.until,
        )
        for each in held_back.of_alert(connection, alert_id, moment)
    ]
    found += _waiting(connection, service, key, alert_id, moment)
    return sorted(found, key=lambda each: each.at)


def _waiting(
    connection: Connection, service: Service, key: ApiKey, alert_id: str, moment: datetime
) -> Iterator[Held]:
    known = directory(connection, service, moment)
    seen = {each.id for each in service.rulebook.offices if key.covers_any(each.countries)}
    for notice in notices.waiting_of(connection, alert_id, moment):
        recipient = known.all.get(notice.recipient)
        if recipient is None:
            continue
        is_office = recipient.id in known.of_offices
        if not (recipient.owner in seen if is_office else recipient.owner == key.prefix):
            continue
        what = _waits_for(recipient)
        yield Held(
            notice.created_at,
            str(notice.facts.get("change", "")),
            what,
            wait_words(what),
            notice.due_at,
            recipient.owner if is_office else None,
            recipient.channel,
            recipient.tier,
        )


def _waits_for(recipient: Recipient) -> str:
    if recipient.pace.digest is not None:
        return "digest"
    return "patience" if recipient.pace.quiet is None else "quiet"
