"""Why an alert changed, in the language of a message.

The record keeps reasons in plain English. What the service decided is told from there; what people
wrote is passed on as they wrote it.
"""

from ewarn.domain.alert import Change
from ewarn.domain.target import Band
from ewarn.languages.alert_reasons import CLOSED_BY_HAND, REASONS
from ewarn.notify.labels import band_words

OURSELVES = "ewarn"


def _as_written(value: str, _: str) -> str:
    return value


def _band(value: str, language: str) -> str:
    return band_words(Band(value), language)


_TELLERS = {
    "higher_band": _band,
    "lower_band": _band,
    "licence": _as_written,
    "rule": _as_written,
    "source": _as_written,
    "words": _as_written,
}


def reason_words(change: Change, language: str) -> str:
    """Why a change was made, in a language."""
    written_here = change.actor == OURSELVES or CLOSED_BY_HAND.read(change.reason) is not None
    return REASONS.told(change.reason, language, _TELLERS) if written_here else change.reason
