"""Standing situations: alerts without a new warning for half a year. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from ewarn.domain.alert import Alert, Change, ChangeKind
from ewarn.domain.time import WEEK
from ewarn.languages import alert_reasons

SETTLES_AFTER = 26 * WEEK


def settled(standing: Iterable[Alert], today: date, now: datetime) -> list[Change]:
    """Return the changes of alerts whose last warning is half a year old.

    They stay on every list. That of a country no longer replaces the reminders of its regions. A
    rise or a higher level renews them.
    """
    return [
        Change(
            ChangeKind.SETTLED,
            replace(alert, situation=True),
            now,
            alert_reasons.STANDING(day=last),
        )
        for alert in standing
        if alert.is_standing
        and not alert.situation
        and (last := alert.warned_on or alert.opened_on) is not None
        and today >= last + SETTLES_AFTER
    ]
