"""Which changes nobody is notified of, and why; and which notifications come late. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from ewarn.domain.alert import NOTIFIED, Alert, AlertState, Change, ChangeKind
from ewarn.domain.silence import Silence
from ewarn.domain.suppression import Suppression, SuppressionReason
from ewarn.languages import alert_reasons

_OF_DATA = frozenset({ChangeKind.WENT_STALE, ChangeKind.RECOVERED})
# Changes that mean nothing to a person who was not notified of the alert.
_SEQUELS = _OF_DATA | {
    ChangeKind.CLOSED,
    ChangeKind.WITHDRAWN,
    ChangeKind.CORRECTED,
    ChangeKind.REINSTATED,
    ChangeKind.SETTLED,
}


def suppression_of(
    change: Change,
    before: Alert | None,
    silences: Iterable[Silence],
    unhealthy_source: str | None = None,
) -> Suppression | None:
    """Return why nobody is notified of a change, or None if people are notified.

    News of a level is never suppressed because of a source. News that data stopped or came back is,
    because the source's own news says it once for all regions.

    Args:
        before: The alert before the change.
        silences: The silences in force.
        unhealthy_source: The source of the alert's scores, if it is unhealthy and people were
            notified of that.
    """
    if change.kind not in NOTIFIED:
        return Suppression(
            SuppressionReason.RECORD, "changes of this kind are recorded and not sent"
        )
    if change.alert.opened_on is None:
        return Suppression(SuppressionReason.NEVER_OPENED, "the alert never opened")
    if (
        change.kind is ChangeKind.RAISED
        and before is not None
        and change.alert.band.rank <= before.highest.rank
    ):
        return Suppression(SuppressionReason.AS_HIGH_BEFORE, "the alert has been this high before")
    if change.kind is ChangeKind.RAISED and not _is_warning(change.alert, before):
        return Suppression(
            SuppressionReason.SLOW,
            "it rose too slowly, or too soon after the last warning, for this rule to warn",
        )
    if change.kind in _SEQUELS and before is not None and before.told is None:
        return Suppression(SuppressionReason.UNHEARD, "nobody was notified of the alert")
    if unhealthy_source is not None and change.kind in _OF_DATA:
        sentence = (
            f"the source {unhealthy_source} has a problem, which was reported once for all its "
            "regions"
        )
        return Suppression(SuppressionReason.SOURCE, sentence, unhealthy_source)
    return silenced(change.alert, silences)


def _is_warning(alert: Alert, before: Alert | None) -> bool:
    """Return whether the last change of an alert was a warning."""
    if before is None:
        return alert.warned_on is not None
    return (alert.warned_on, alert.warned_at) != (before.warned_on, before.warned_at)


def silenced(alert: Alert, silences: Iterable[Silence]) -> Suppression | None:
    """Return the suppression of an alert by a silence, or None if no silence covers it."""
    for silence in silences_of(alert, silences):
        until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
        sentence = f"silenced until {until} by {silence.author}: {silence.reason}"
        return Suppression(SuppressionReason.SILENCE, sentence, silence.id, silence.ends_at)
    return None


def silences_of(alert: Alert, silences: Iterable[Silence]) -> Iterator[Silence]:
    """Yield the silences that cover an alert."""
    return (silence for silence in silences if silence.covers(alert))


def country_alert(alert: Alert, standing: Iterable[Alert]) -> Alert | None:
    """Return the open alert of the whole country and target of a region's alert, or None.

    News of the region goes along with the country's. An alert that is stale, or a standing
    situation, does not count.
    """
    if alert.region == alert.country:
        return None
    return next(
        (
            other
            for other in standing
            if (other.region, other.target) == (alert.country, alert.target)
            and other.readers == alert.readers
            and other.is_standing
            and not (other.stale or other.situation)
        ),
        None,
    )


def mark_notified(changes: Sequence[Change], alert_ids: Iterable[str]) -> list[Change]:
    """Return changes whose alerts record the level that people were notified of.

    The time to acknowledge an alert begins when people are first notified of it, by whatever news.

    Args:
        alert_ids: The alerts that people are notified of.
    """
    notified = set(alert_ids)
    return [_mark(change) if change.alert.id in notified else change for change in changes]


def _mark(change: Change) -> Change:
    alert = replace(change.alert, told=change.alert.band, heard_on=_notified_day(change.alert))
    if change.alert.told is None and alert.state is AlertState.OPEN:
        alert = replace(alert, waiting_since=change.at)
    return replace(change, alert=alert)


def _notified_day(alert: Alert) -> date:
    """Return the day that a notification is about: the last origin or a later interim warning."""
    return max(alert.last_origin, alert.warned_on or alert.last_origin)


def late_warnings(
    standing: Iterable[Alert], silences: Sequence[Silence], now: datetime
) -> list[Change]:
    """Return changes that notify people of warnings that were suppressed and no longer are.

    So people learn what happened under a silence when it is over. An acknowledged alert can only
    have remained since: every other warning opens it again.
    """
    return [
        _notified_late(alert, now)
        for alert in standing
        if alert.is_standing and _is_unnotified(alert) and silenced(alert, silences) is None
    ]


def _notified_late(alert: Alert, now: datetime) -> Change:
    notified = replace(alert, told=alert.band, heard_on=_notified_day(alert))
    reason = (
        alert_reasons.NEWS_HELD_BACK_CORRECTED()
        if alert.corrected
        else alert_reasons.NEWS_HELD_BACK()
    )
    if alert.state is AlertState.ACKNOWLEDGED:
        return Change(ChangeKind.REMAINED, notified, now, alert_reasons.STILL_HIGH(reason=reason))
    waiting = replace(notified, waiting_since=now)
    return Change(ChangeKind.REMINDED, waiting, now, alert_reasons.STILL_OPEN(reason=reason))


def _is_unnotified(alert: Alert) -> bool:
    """Return whether nobody was notified of an alert since its last warning.

    The person who acknowledged an alert knew what had happened by then, so only later warnings
    count.
    """
    notified_on, warned_on = alert.heard_on, alert.warned_on
    if alert.state is AlertState.ACKNOWLEDGED:
        return notified_on is not None and warned_on is not None and notified_on < warned_on
    if alert.told is None or notified_on is None or warned_on is None:
        # Alerts stored before these days were recorded have only the level of the notification.
        return alert.told is None or alert.told.rank < alert.band.rank
    return notified_on < warned_on
