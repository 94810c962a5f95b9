"""Which changes are told to people, and why the others are not; and what is still owed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from ewarn.domain.alert import NOTIFIED, Alert, AlertState, Change, ChangeKind
from ewarn.domain.silence import Silence

_OF_DATA = frozenset({ChangeKind.WENT_STALE, ChangeKind.RECOVERED})
# What means nothing to whoever has not heard of the alert.
_SEQUELS = _OF_DATA | {
    ChangeKind.CLOSED,
    ChangeKind.WITHDRAWN,
    ChangeKind.CORRECTED,
    ChangeKind.REINSTATED,
}


def muted(
    change: Change,
    before: Alert | None,
    standing: Iterable[Alert],
    silences: Iterable[Silence],
    ill: str | None = None,
) -> str | None:
    """Why nobody is told of a change; None if they are.

    `before` is the alert before the change, `standing` all alerts after the run's changes,
    `silences` those in force. `ill` names the source of the alert's scores if it is not well and
    that was told: of data that stop and come back its own news speaks, once, and not each region's.
    News of a level is never held back by it.
    """
    if change.kind not in NOTIFIED:
        return "a change of this kind is kept in the record only"
    if change.alert.opened_on is None:
        return "the alert never opened"
    if (
        change.kind is ChangeKind.RAISED
        and before is not None
        and change.alert.band.rank <= before.highest.rank
    ):
        return "the alert has been this high before"
    if change.kind in _SEQUELS and before is not None and before.told is None:
        return "nobody was told of the alert"
    if ill is not None and change.kind in _OF_DATA:
        return f"the source {ill} is not well, which was told once for all its regions"
    return held_back(change.alert, standing, silences)


def held_back(alert: Alert, standing: Iterable[Alert], silences: Iterable[Silence]) -> str | None:
    """Why nobody is told of an alert for now: a silence, or an alert of the whole country."""
    for silence in silencing(alert, silences):
        until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
        return f"silenced until {until} by {silence.author}: {silence.reason}"
    if country_alert(alert, standing) is not None:
        return "an alert for the whole country stands"
    return None


def silencing(alert: Alert, silences: Iterable[Silence]) -> Iterator[Silence]:
    """The silences that cover an alert, of those given."""
    return (silence for silence in silences if silence.covers(alert))


def country_alert(alert: Alert, standing: Iterable[Alert]) -> Alert | None:
    """The alert of its whole country and target that speaks for a region's; None without one."""
    if alert.region == alert.country:
        return None
    return next(
        (
            other
            for other in standing
            if other.region == alert.country and other.target is alert.target and other.is_standing
        ),
        None,
    )


def _and_corrected(alert: Alert) -> str:
    return "; on today's data it would not have opened" if alert.corrected else ""


def marked(changes: Sequence[Change], told: Iterable[str]) -> list[Change]:
    """Changes whose alerts remember the level that people were told of; `told` are alert ids. The
    time to acknowledge one begins when they first are, by whatever news."""
    heard = set(told)
    return [_marked(change) if change.alert.id in heard else change for change in changes]


def _marked(change: Change) -> Change:
    alert = replace(change.alert, told=change.alert.band)
    if change.alert.told is None and alert.state is AlertState.OPEN:
        alert = replace(alert, waiting_since=change.at)
    return replace(change, alert=alert)


def owed(standing: Iterable[Alert], silences: Sequence[Silence], now: datetime) -> list[Change]:
    """Alerts that stand open at a level nobody was told of, and that nothing holds back now.

    So that what happened under a silence or beneath a country's alert is told when that is over.
    """
    known = list(standing)
    return [
        Change(
            ChangeKind.REMINDED,
            replace(alert, told=alert.band, waiting_since=now),
            now,
            "still open: what held the news of it back is over" + _and_corrected(alert),
        )
        for alert in known
        if alert.state is AlertState.OPEN
        and (alert.told is None or alert.told.rank < alert.band.rank)
        and held_back(alert, known, silences) is None
    ]
