"""Write the notice that belongs to a score: how far its number can be relied on."""

from datetime import date, datetime, timedelta

from ewarn.domain.score import Score
from ewarn.domain.time import DAY, midnight
from ewarn.languages.catalogues import translation
from ewarn.languages.formats import day_words
from ewarn.notify.messages.labels import basis_notice
from ewarn.notify.messages.source_notices import (
    interim_words,
    joined,
    machine_words,
    unobserved_words,
)

OLD_AFTER = timedelta(days=14)  # two origins: one may be late, but two indicate a fault


def score_notice(score: Score, language: str = "en") -> str:
    """Return the notice that must be shown with a score."""
    return joined(
        (
            basis_notice(score.basis, language),
            machine_words(score.source, language),
            reconstructed_words(score, language),
            unobserved_words(language) if score.observed is None else "",
            interim_words(score.as_of, language) if score.interim else "",
        ),
        language,
    )


def reconstructed_words(score: Score, language: str = "en") -> str:
    """Return the notice on a score that was computed long after its origin, or an empty text."""
    if score.recorded_at < old_from(score.as_of.date()):
        return ""
    message = translation(language).gettext(
        "reconstructed on %(day)s from what was known at its origin"
    )
    return message % {"day": day_words(score.recorded_at.date(), language)}


def old_scores_words(origin: date, source: str = "", language: str = "en") -> str:
    """Return the notice that the newest scores are of an old origin.

    Args:
        source: The source of the scores; empty if there is no other.
    """
    gettext, day = translation(language).gettext, day_words(origin, language)
    if not source:
        return gettext("the newest scores are of %(day)s: nothing has been scored since") % {
            "day": day
        }
    message = gettext(
        "the newest scores of %(source)s are of %(day)s: nothing has been scored since"
    )
    return message % {"source": source, "day": day}


def old_from(day: date) -> datetime:
    """Return the first midnight at which a day is more than `OLD_AFTER` ago."""
    return midnight(day) + OLD_AFTER + DAY
