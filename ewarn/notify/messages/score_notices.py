"""Write the notice that belongs to a score: how far its number can be relied on."""

from datetime import date, datetime, timedelta

from ewarn.domain.score import Score
from ewarn.domain.time import DAY, midnight
from ewarn.languages.catalogues import translation
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
    return message % {"day": score.recorded_at.date().isoformat()}


def old_from(day: date) -> datetime:
    """Return the first midnight at which a day is more than `OLD_AFTER` ago."""
    return midnight(day) + OLD_AFTER + DAY
