"""Why an alert changed, in the language of a message.

The record keeps reasons in plain English. What people wrote is passed on as they wrote it; what the
service itself decided is said anew from the facts in the other languages that are complete.
"""

from collections.abc import Callable, Mapping

from babel.dates import format_date
from babel.numbers import format_decimal

from ewarn.domain.alert import Change, ChangeKind
from ewarn.domain.rule import COMPARED
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK
from ewarn.notify import words
from ewarn.notify.phrases import day_words

OURSELVES = "ewarn"
BY_HAND = "closed by hand: "  # stands before the words of whoever closed an alert


def reason_words(change: Change, score: Score, language: str) -> str:
    """Why a change was made, in a complete language; in English as it stands in the record."""
    made_here = _REASONS.get(language, {}).get(change.kind) if change.kind else None
    if change.actor != OURSELVES:
        return _said_by_people(change.reason, language)
    return change.reason if made_here is None else made_here(change, score)


def _said_by_people(reason: str, language: str) -> str:
    """What a person wrote, as it was written; what the service put before it in the language."""
    if language != "fr" or not reason.startswith(BY_HAND):
        return reason
    return f"close à la main : {reason.removeprefix(BY_HAND)}"


def _french_level(score: Score) -> str:
    if score.probability is not None:
        return f"probabilité de {format_decimal(score.probability, '0.000', locale='fr')}"
    held_against = _french_comparison_of_counts(score)
    seen = words.seen_in_french(score.observed, score.target)
    if score.interim:
        return f"{seen} depuis le début de la semaine, {held_against}"
    is_last = score.judged_week == score.origin - WEEK
    when = f"la semaine du {day_words(score.judged_week.isoformat(), 'fr')}"
    return f"{seen} {'la semaine dernière' if is_last else when}, {held_against}"


def _french_comparison_of_counts(score: Score) -> str:
    """The bound; what was expected where the count is unusual and yet below it."""
    if score.is_above_expected_alone:
        return f"contre {format_decimal(score.expected or 0.0, '0.0', locale='fr')} attendus"
    return f"borne de {format_decimal(score.upper or 0.0, '0.0', locale='fr')}"


def _french_opening(change: Change, score: Score) -> str:
    compared = _french_comparison(score) if COMPARED in change.reason else ""
    level = f"{_french_level(score)}{compared}"
    return f"{level} ; la condition de la règle {change.alert.rule} est remplie"


def _french_raising(change: Change, score: Score) -> str:
    level = words.band_words(change.alert.band, "fr")
    return f"{_french_level(score)} ; le niveau est désormais {level}"


def _french_surge(change: Change, score: Score) -> str:
    if COMPARED in change.reason:  # it rose to a level that it never had, and not at once
        level = words.band_words(change.alert.band, "fr")
        return (
            f"{_french_level(score)}{_french_comparison(score)} ; le niveau est désormais {level}"
        )
    known = [each for each in score.before if each is not None]
    if not known:
        return _french_level(score)
    lowest = format_decimal(min(known), "0.000", locale="fr")
    return f"{_french_level(score)}, contre {lowest} au plus bas des douze dernières semaines"


def _french_remaining(_: Change, score: Score) -> str:
    return f"{_french_level(score)}{_french_comparison(score)}"


def _french_comparison(score: Score) -> str:
    """How a quiet region compares with the others; nothing where it is not quiet."""
    if score.relative_risk is None:
        return ""
    times = format_decimal(score.relative_risk, "0.0", locale="fr")
    return (
        f" : {score.source} ne connaît ici aucun usage de ce genre depuis six mois, et le risque "
        f"vaut {times} fois la moyenne de telles régions"
    )


def _french_closing(change: Change, score: Score) -> str:
    return (
        f"{_french_level(score)} ; la condition de la règle {change.alert.rule} n'est plus remplie"
    )


def _french_escalation(change: Change, _: Score) -> str:
    return f"personne n'a accusé réception à temps ; destinataires de rang {change.alert.tier}"


def _french_withdrawal(change: Change, _: Score) -> str:
    return (
        f"la règle {change.alert.rule} n'existe plus ; le niveau n'a pas baissé, mais rien ne le "
        "surveille désormais"
    )


def _french_stop(change: Change, score: Score) -> str:
    if score.observed is None:
        return "la dernière semaine n'a pas été observée ; l'alerte reste donc ouverte"
    day = format_date(change.alert.last_origin, "d MMM y", locale="fr")
    return f"aucun score n'a été calculé ici depuis le {day} ; l'alerte reste donc ouverte"


_REASONS: Mapping[str, Mapping[ChangeKind, Callable[[Change, Score], str]]] = {
    "fr": {
        ChangeKind.OPENED: _french_opening,
        ChangeKind.RAISED: _french_raising,
        ChangeKind.SURGED: _french_surge,
        ChangeKind.REMAINED: _french_remaining,
        ChangeKind.CLOSED: _french_closing,
        ChangeKind.WENT_STALE: _french_stop,
        ChangeKind.WITHDRAWN: _french_withdrawal,
        ChangeKind.SETTLED: lambda *_: (
            "rien ne l'a renouvelée depuis six mois ; elle reste sur la liste"
        ),
        ChangeKind.RECOVERED: lambda *_: "les données sont de retour",
        ChangeKind.REMINDED: lambda *_: "l'alerte reste ouverte",
        ChangeKind.ESCALATED: _french_escalation,
        ChangeKind.CORRECTED: lambda *_: (
            "sur les données telles qu'on les connaît aujourd'hui, elle ne s'ouvrirait pas"
        ),
        ChangeKind.REINSTATED: lambda *_: (
            "sur les données telles qu'on les connaît aujourd'hui, elle se serait bien ouverte"
        ),
    }
}
