"""The verb `act`: what a person does to an alert, recorded with who, when and why."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ewarn.alerting.acts import acknowledge
from ewarn.alerting.notice import muted
from ewarn.domain.alert import Alert, Change
from ewarn.errors import UnknownName
from ewarn.notify.payload_fields import masked
from ewarn.pipeline.delivery.mail_links import Link
from ewarn.pipeline.delivery.notifications import Told, tell_of
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts, silences
from ewarn.store.scores import scores

Act = Callable[[Alert], Change]


def act(
    service: Service,
    alert_id: str,
    countries: Sequence[str],
    doing: Act,
    now: datetime,
    readers: Sequence[str] = ("",),
) -> Change:
    """Do something to an alert of some countries (none named: of any) that is for some readers, and
    tell of it.

    The change and its notifications are stored together. Raises UnknownName where there is no such
    alert in those countries, and UsageError where it cannot be done to it.
    """
    with service.store.write() as connection:
        alert = alerts.current(connection, alert_id)
        if (
            alert is None
            or (countries and alert.country not in countries)
            or alert.readers not in readers
        ):
            raise UnknownName(f"there is no alert {alert_id[:60]!r} for this key")
        change = doing(alert)
        alerts.record(connection, [change], {})
        score = scores.by_id(connection, int(alert.score_id))
        if score is None:
            return change
        quiet = silences.in_force(connection, now)
        told = Told(change, score, muted(change, alert, quiet))
        tell_of(connection, service, [told], now)
    return change


def acknowledge_by_link(service: Service, link: Link, now: datetime) -> None:
    """Acknowledge the alert of a mail's link, as its recipient; the record names the address
    masked. Raises UsageError where it is not open.
    """
    to = masked(link.recipient.channel, link.recipient.address)
    note = f"through the link of a mail to {to}"
    readers = (link.alert.readers,)  # the link proves that its recipient is one of them
    act(service, link.alert.id, (), lambda it: acknowledge(it, link.actor, now, note), now, readers)
