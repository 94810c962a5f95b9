"""The words of a change of an alert, for feeds that other programs show."""

from collections.abc import Mapping
from typing import Any

from ewarn.domain.alert import ChangeKind
from ewarn.domain.target import Band, Target
from ewarn.notify.messages.labels import band_words, change_words, target_words


def headline(alert: Mapping[str, Any], change: Mapping[str, Any]) -> str:
    """Return a change in a few words, such as `Maritime: alert opened, level high`.

    Args:
        alert: The record of the alert.
        change: The record of the change.
    """
    what, level = change_words(ChangeKind(change["kind"])), band_words(Band(change["band"]))
    return f"{alert['region_name']}: {what}, level {level}"


def subject(alert: Mapping[str, Any]) -> str:
    """Return what an alert warns of, within how many weeks."""
    words, weeks = target_words(Target(alert["target"])), alert["horizon_weeks"]
    return f"{words} within {weeks} weeks"
