"""The verb `act`: what a person does to an alert, stored with who, when and why."""

from collections.abc import Callable, Sequence
from datetime import datetime

from ewarn.alerting.acts import acknowledge
from ewarn.alerting.suppression import suppression_of
from ewarn.domain.alert import Alert, Change
from ewarn.errors import UnknownName
from ewarn.languages import refused_acts
from ewarn.notify.messages.payload_fields import masked
from ewarn.pipeline.delivery.mail_links import Link
from ewarn.pipeline.delivery.notifications import ScoredChange, notify_of_changes
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
    """Apply an action to an alert, and notify of it.

    The change and its notifications are stored together.

    Args:
        countries: The alert must be of one of these countries; empty means any country.
        doing: The action, from an alert to its change.
        readers: The alert must be for one of these readers.

    Raises:
        UnknownName: There is no such alert in those countries for those readers.
        UsageError: The action is not possible on the alert.
    """
    with service.store.write() as connection:
        alert = alerts.current(connection, alert_id)
        if (
            alert is None
            or (countries and alert.country not in countries)
            or alert.readers not in readers
        ):
            raise UnknownName(refused_acts.ALERT_UNKNOWN(id=repr(alert_id[:60])))
        change = doing(alert)
        alerts.record(connection, [change], {})
        score = scores.by_id(connection, int(alert.score_id))
        if score is None:
            return change
        in_force = silences.in_force(connection, now)
        made = ScoredChange(change, score, suppression_of(change, alert, in_force))
        notify_of_changes(connection, service, [made], now)
    return change


def acknowledge_by_link(service: Service, link: Link, now: datetime) -> None:
    """Acknowledge the alert of a mail's link in the name of its recipient.

    The stored reason names the mail address masked.

    Raises:
        UsageError: The alert is not open.
    """
    to = masked(link.recipient.channel, link.recipient.address)
    reason = f"through the link of a mail to {to}"
    readers = (link.alert.readers,)  # the link proves that its recipient may read the alert
    act(
        service,
        link.alert.id,
        (),
        lambda it: acknowledge(it, link.actor, now, reason),
        now,
        readers,
    )
