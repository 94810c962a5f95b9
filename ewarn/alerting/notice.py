"""Which changes are told to people, and why the others are not; and what is still owed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from ewarn.domain.alert import NOTIFIED, Alert, AlertState, Change, ChangeKind
from ewarn.domain.hold import Hold, Why
from ewarn.domain.silence import Silence
from ewarn.languages import alert_reasons

_OF_DATA = frozenset({ChangeKind.WENT_STALE, ChangeKind.RECOVERED})
# What means nothing to whoever has not heard of the alert.
_SEQUELS = _OF_DATA | {
    ChangeKind.CLOSED,
    ChangeKind.WITHDRAWN,
    ChangeKind.CORRECTED,
    ChangeKind.REINSTATED,
    ChangeKind.SETTLED,
}


def muted(
    change: Change,
    before: Alert | None,
    silences: Iterable[Silence],
    ill: str | None = None,
) -> Hold | None:
    """Why nobody is told of a change; None if they are.

    `before` is the alert before the change, `silences` those in force. `ill` names the source of
    the alert's scores if it is not well and that was told: of data that stop and come back its own
    news speaks, once, and not each region's. News of a level is never held back by it.
    """
    if change.kind not in NOTIFIED:
        return Hold(Why.RECORD, "a change of this kind is kept in the record only")
    if change.alert.opened_on is None:
        return Hold(Why.NEVER_OPENED, "the alert never opened")
    if (
        change.kind is ChangeKind.RAISED
        and before is not None
        and change.alert.band.rank <= before.highest.rank
    ):
        return Hold(Why.AS_HIGH_BEFORE, "the alert has been this high before")
    if change.kind is ChangeKind.RAISED and not _is_warning(change.alert, before):
        return Hold(
            Why.SLOW,
            "it rose too slowly, or too soon after the last warning, for this rule to warn",
        )
    if change.kind in _SEQUELS and before is not None and before.told is None:
        return Hold(Why.UNHEARD, "nobody was told of the alert")
    if ill is not None and change.kind in _OF_DATA:
        said = f"the source {ill} is not well, which was told once for all its regions"
        return Hold(Why.SOURCE, said, ill)
    return held_back(change.alert, silences)


def _is_warning(alert: Alert, before: Alert | None) -> bool:
    """Whether an alert warned by its last change."""
    if before is None:
        return alert.warned_on is not None
    return (alert.warned_on, alert.warned_at) != (before.warned_on, before.warned_at)


def held_back(alert: Alert, silences: Iterable[Silence]) -> Hold | None:
    """Why nobody is told of an alert for now: a silence."""
    for silence in silencing(alert, silences):
        until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
        said = f"silenced until {until} by {silence.author}: {silence.reason}"
        return Hold(Why.SILENCE, said, silence.id, silence.ends_at)
    return None


def silencing(alert: Alert, silences: Iterable[Silence]) -> Iterator[Silence]:
    """The silences that cover an alert, of those given."""
    return (silence for silence in silences if silence.covers(alert))


def country_alert(alert: Alert, standing: Iterable[Alert]) -> Alert | None:
    """The alert of its whole country and target that news of a region travels with; None without
    one. One that is stale, or a standing situation, speaks for nobody."""
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


def marked(changes: Sequence[Change], told: Iterable[str]) -> list[Change]:
    """Changes whose alerts remember the level that people were told of; `told` are alert ids. The
    time to acknowledge one begins when they first are, by whatever news."""
    heard = set(told)
    return [_marked(change) if change.alert.id in heard else change for change in changes]


def _marked(change: Change) -> Change:
    alert = replace(change.alert, told=change.alert.band, heard_on=_heard_of(change.alert))
    if change.alert.told is None and alert.state is AlertState.OPEN:
        alert = replace(alert, waiting_since=change.at)
    return replace(change, alert=alert)


def _heard_of(alert: Alert) -> date:
    """The day of what is heard of an alert: the last it saw, or of an interim warning after it."""
    return max(alert.last_origin, alert.warned_on or alert.last_origin)


def owed(standing: Iterable[Alert], silences: Sequence[Silence], now: datetime) -> list[Change]:
    """Alerts that stand with a warning that nobody was told of, and that nothing holds back now: so
    that what happened under a silence is told when that is over.

    One that somebody acknowledged can only have remained since: every other warning opens it again.
    """
    return [
        _told_late(alert, now)
        for alert in standing
        if alert.is_standing and _is_untold(alert) and held_back(alert, silences) is None
    ]


def _told_late(alert: Alert, now: datetime) -> Change:
    told = replace(alert, told=alert.band, heard_on=_heard_of(alert))
    reason = (
        alert_reasons.NEWS_HELD_BACK_CORRECTED()
        if alert.corrected
        else alert_reasons.NEWS_HELD_BACK()
    )
    if alert.state is AlertState.ACKNOWLEDGED:
        return Change(ChangeKind.REMAINED, told, now, alert_reasons.STILL_HIGH(reason=reason))
    waiting = replace(told, waiting_since=now)
    return Change(ChangeKind.REMINDED, waiting, now, alert_reasons.STILL_OPEN(reason=reason))


def _is_untold(alert: Alert) -> bool:
    """Whether nobody was told of an alert since it last warned. Who acknowledged it knew what had
    happened by then: of such an alert only what came later is untold."""
    heard, warned = alert.heard_on, alert.warned_on
    if alert.state is AlertState.ACKNOWLEDGED:
        return heard is not None and warned is not None and heard < warned
    if alert.told is None or heard is None or warned is None:
        # What was told before alerts knew their last warning is known by its level alone.
        return alert.told is None or alert.told.rank < alert.band.rank
    return heard < warned
