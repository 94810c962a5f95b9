"""Explain why nobody was notified of a change, and what a notification waits for."""

from datetime import datetime

from ewarn.domain.suppression import SuppressionReason
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import moment_words
from ewarn.languages.sentences import Sentence

_OF_A_SOURCE = Sentence(
    "the source %(source)s has a problem, which was reported once for all its regions"
)


def suppression_words(
    why: SuppressionReason, about: str, until: datetime | None, language: str = "en"
) -> str:
    """Return why nobody was notified of a change.

    For a silence the text says until when it lasts, but not who created it.

    Args:
        about: The name of the source, or the id of the silence.
        until: When the silence ends.
    """
    gettext = translation(language).gettext
    reasons = {
        SuppressionReason.RECORD: gettext("changes of this kind are recorded and not sent"),
        SuppressionReason.NEVER_OPENED: gettext("the alert never opened"),
        SuppressionReason.AS_HIGH_BEFORE: gettext("the alert has been this high before"),
        SuppressionReason.SLOW: gettext("the rule warns of fast rises only, and this one was slow"),
        SuppressionReason.UNHEARD: gettext("nobody was notified of the alert"),
        SuppressionReason.SOURCE: gettext(
            "the source %(source)s has a problem, which was reported once for all its regions"
        ),
        SuppressionReason.SILENCE: gettext("a silence covered it until %(moment)s"),
    }
    end = "" if until is None else moment_words(until, language)
    return reasons[why] % {"source": about, "moment": end}


def unsent_words(cause: str, reason: str, until: datetime | None, language: str) -> str:
    """Return in a language why a change was not sent.

    Args:
        cause: A `SuppressionReason`, or what the notification waits for.
        reason: The English words for it, which name the source.
        until: When the silence ends.
    """
    if cause not in set(SuppressionReason):
        return wait_words(cause, language)
    values = _OF_A_SOURCE.read(reason) or {}
    return suppression_words(SuppressionReason(cause), values.get("source", ""), until, language)


def wait_words(what: str, language: str = "en") -> str:
    """Return what a notification waits for.

    Args:
        what: `digest`, `quiet` (quiet hours) or `patience` (other news that may join it).
    """
    gettext = translation(language).gettext
    return {
        "digest": gettext("it waits for the recipient's digest"),
        "quiet": gettext(
            "it waits for the end of quiet hours, or until the recipient's daily limit allows it"
        ),
        "patience": gettext(
            "it waits to be sent with other news, or until the recipient's daily limit allows it"
        ),
    }[what]
