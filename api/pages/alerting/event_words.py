"""What happened to an alert, and what was not sent of it, in the language of a page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ewarn.domain.alert import Assessment, ChangeKind
from ewarn.languages.catalogues import translation
from ewarn.notify.messages.change_reasons import SERVICE_ACTOR, recorded_reason_words
from ewarn.notify.messages.suppression_reasons import unsent_words
from ewarn.response.labels import assessment_words

Record = Mapping[str, Any]

_SEEN = "seen"  # the reason of an acknowledgement that was given none


def event_reason(event: Record, language: str) -> str:
    """Return why an alert changed; what a person wrote stays as it is."""
    reason, kind = str(event["reason"]), event["kind"]
    if kind == ChangeKind.ACKNOWLEDGED and reason == _SEEN:
        return ""
    finding, colon, words = reason.partition(": ")
    if kind == ChangeKind.ASSESSED and colon and finding in set(Assessment):
        return f"{assessment_words(Assessment(finding), language)}. {words}"
    return recorded_reason_words(reason, event["actor"], language)


def event_actor(event: Record, language: str) -> str:
    """Return who changed an alert: a person, or the service itself."""
    is_own = event["actor"] == SERVICE_ACTOR
    return translation(language).gettext("by the rule") if is_own else str(event["actor"])


def unsent_reason(unsent: Record, language: str) -> str:
    """Return why somebody was not notified of a change."""
    until = unsent["until"] and datetime.fromisoformat(unsent["until"])
    return unsent_words(unsent["cause"], unsent["reason"], until, language)
