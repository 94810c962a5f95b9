"""Reasons are in the reader's language, for every change that is told."""

from dataclasses import replace
from datetime import date

import pytest

from ewarn.domain.alert import NOTIFIED, Change, ChangeKind
from ewarn.domain.rule import COMPARED
from ewarn.notify.reasons import BY_HAND, reason_words
from tests.api.world import alert
from tests.scores import moment, score


def change(kind: ChangeKind, reason: str, actor: str = "ewarn") -> Change:
    return Change(kind, alert(last_origin=date(2020, 1, 6)), moment(1), reason, actor)


@pytest.mark.parametrize("kind", sorted(NOTIFIED))
def test_what_the_service_decides_is_said_anew_in_french(kind: ChangeKind) -> None:
    english = "an English reason"
    one = replace(score(0.3), before=(0.1, 0.2))
    assert reason_words(change(kind, english), one, "en") == english
    assert reason_words(change(kind, english), one, "fr") != english


def test_a_quiet_region_is_compared_with_others_in_french() -> None:
    one = score(0.034, relative_risk=3.46)
    said = reason_words(change(ChangeKind.REMAINED, "x"), one, "fr")
    assert said == (
        "probabilité de 0,034 : invented ne connaît ici aucun usage de ce genre depuis six mois, "
        "et le risque vaut 3,5 fois la moyenne de telles régions"
    )
    news = change(ChangeKind.OPENED, f"probability 0.034, 3.5 {COMPARED}")
    assert "vaut 3,5 fois la moyenne" in reason_words(news, one, "fr")
    level = change(ChangeKind.OPENED, "probability 0.034 at or above 0.03")
    assert "fois la moyenne" not in reason_words(level, one, "fr")
    surged = change(ChangeKind.SURGED, f"probability 0.034, 3.5 {COMPARED}")
    assert "; le niveau est désormais" in reason_words(surged, one, "fr")


def test_what_people_wrote_stays_theirs() -> None:
    one = change(ChangeKind.CLOSED, f"{BY_HAND}une copie", "Dakar")
    assert reason_words(one, score(0.3), "fr") == "close à la main : une copie"
    assert reason_words(one, score(0.3), "en") == "closed by hand: une copie"


def test_data_that_stopped_and_scores_that_did_are_two_reasons() -> None:
    one = change(ChangeKind.WENT_STALE, "x")
    assert "depuis le 6 janv. 2020" in reason_words(one, score(0.3), "fr")
    assert "pas été observée" in reason_words(one, score(0.3, observed=None), "fr")
