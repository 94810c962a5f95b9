"""Which changes are told to people, and why the others are not. Pure."""

from collections.abc import Iterable

from ewarn.domain.alert import NOTIFIED, Alert, Change, ChangeKind


def muted(change: Change, before: Alert | None, standing: Iterable[Alert]) -> str | None:
    """Why nobody is told of a change; None if they are.

    `before` is the alert before the change, `standing` all alerts after the run's changes.
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
    if change.alert.region != change.alert.country and any(
        other.region == change.alert.country
        and other.target is change.alert.target
        and other.is_standing
        for other in standing
    ):
        return "an alert for the whole country stands"
    return None
