"""Translate the reason of an alert's change into the language of a message.

Reasons are stored in English. A reason that the service wrote is translated; a reason that a person
wrote is passed on unchanged.
"""

from ewarn.domain.alert import AlertEvent, Change
from ewarn.domain.target import Band
from ewarn.languages.alert_reasons import CLOSED_BY_HAND, REASONS
from ewarn.notify.messages.labels import band_words

SERVICE_ACTOR = "ewarn"


def _as_written(value: str, _: str) -> str:
    return value


def _band(value: str, language: str) -> str:
    return band_words(Band(value), language) if value in set(Band) else value


_FORMATTERS = {
    "higher_band": _band,
    "lower_band": _band,
    "licence": _as_written,
    "rule": _as_written,
    "source": _as_written,
    "words": _as_written,
}


def reason_words(change: Change | AlertEvent, language: str) -> str:
    """Return why a change was made, in a language."""
    return recorded_reason_words(change.reason, change.actor, language)


def recorded_reason_words(reason: str, actor: str, language: str) -> str:
    """Return the recorded reason of a change that an actor made, in a language.

    What a person wrote is compared with no sentence of the service: it may read like one by chance.
    """
    if actor == SERVICE_ACTOR:
        return REASONS.told(reason, language, _FORMATTERS)
    by_hand = CLOSED_BY_HAND.read(reason)
    return CLOSED_BY_HAND.message(language, by_hand) % by_hand if by_hand else reason
