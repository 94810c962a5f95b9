"""Tests that reasons are built from the record, in the reader's language."""

from datetime import date

import pytest

from ewarn.alerting import reasons
from ewarn.alerting.decide import withdraw_unlicensed
from ewarn.alerting.situations import settled
from ewarn.alerting.staleness import went_stale
from ewarn.alerting.suppression import late_warnings
from ewarn.domain.alert import Change, ChangeKind
from ewarn.domain.rule import NEVER, QuietRise, Rise
from ewarn.domain.target import Band, Target
from ewarn.languages.alert_reasons import CLOSED_BY_HAND
from ewarn.notify.messages.change_reasons import reason_words
from tests.api.world import alert
from tests.scores import moment, origin, rule, score

DETECTOR = rule(detector=True)
SELDOM = rule(detector=True, false_discovery=0.15, hold_for=2)
RISE = rule(raise_at=NEVER, rise=Rise(0.02, 2.0, 12, 8, 2.0, QuietRise(3.0, 12)))
COUNT = score(None, observed=9, false_discovery=0.044)
TODAY = "sur les données telles qu'on les connaît aujourd'hui, elle"


def french(reason: str, actor: str = "ewarn") -> str:
    change = Change(ChangeKind.OPENED, alert(), moment(1), reason, actor)
    assert reason_words(change, "en") == reason
    return reason_words(change, "fr")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            reasons.pending_reason(rule(hold_for=2), score(0.3)),
            "probabilité de 0,300 ; la condition de la règle force-admin1 est remplie et doit le "
            "rester pendant 2 semaines",
        ),
        (
            reasons.opening_reason(rule(), score(0.3)),
            "probabilité de 0,300, soit au moins 0,2 pendant 1 semaine",
        ),
        (
            reasons.opening_reason(DETECTOR, COUNT),
            "9 événements la semaine dernière, borne de 3,0 : au-dessus de la borne du détecteur "
            "pendant 1 semaine",
        ),
        (
            reasons.opening_reason(SELDOM, COUNT),
            "9 événements la semaine dernière, borne de 3,0 : le hasard seul apporte une telle "
            "alarme dans 4,4 % des semaines, dans la limite de 15 % fixée par la règle, pendant "
            "2 semaines",
        ),
        (
            reasons.closing_reason(SELDOM, score(None, observed=1, interim=True)),
            "1 événement depuis le début de la semaine, borne de 3,0 : le hasard seul apporte une "
            "telle alarme dans moins de 0,0001 % des semaines, au-delà de la limite de 15 % fixée "
            "par la règle, pendant 2 semaines",
        ),
        (
            reasons.raising_reason(
                score(None, observed=12, target=Target.ESCALATION, band=Band.HIGH), Band.LOW
            ),
            "12 points la semaine dernière, borne de 3,0 ; le niveau passe de faible à élevé",
        ),
        (
            reasons.lowering_reason(score(0.12), Band.CRITICAL),
            "probabilité de 0,120 ; le niveau redescend de critique à accru",
        ),
        (
            reasons.closing_reason(rule(), score(0.01)),
            "probabilité de 0,010, soit moins de 0,1 pendant 2 semaines",
        ),
        (
            reasons.reason_of_news(RISE, score(0.034, relative_risk=3.46, before=(0.03,) * 12)),
            "probabilité de 0,034 : invented n'a signalé ici aucun usage de ce genre depuis six "
            "mois, et le risque vaut 3,5 fois la moyenne de telles régions",
        ),
        (
            reasons.reason_of_news(RISE, score(0.3, before=(0.1, None))),
            "probabilité de 0,300, contre 0,100 au plus bas sur 12 semaines",
        ),
        (
            reasons.reason_of_news(RISE, score(0.3)),
            "probabilité de 0,300, et rien n'est connu de ce qui précède sur 12 semaines",
        ),
        (
            reasons.correcting_reason(rule(), score(0.3), score(0.1)),
            f"{TODAY} ne se serait pas ouverte : probabilité de 0,100 au lieu de probabilité de "
            "0,300, avec une alerte à partir de 0,2",
        ),
        (
            reasons.reinstating_reason(RISE, score(0.3)),
            f"{TODAY} se serait bien ouverte : probabilité de 0,300, et une hausse compte à partir "
            "de 0,02, dans une région calme à partir de 3 fois la moyenne de telles régions",
        ),
        (
            went_stale([alert(last_origin=date(2020, 1, 6))], {"a1": moment(0)}, moment(1))[
                0
            ].reason,
            "aucun score n'a été calculé ici depuis le 6 janv. 2020 ; l'alerte reste donc ouverte",
        ),
        (
            settled([alert()], origin(60), moment(60))[0].reason,
            "rien ne l'a renouvelée depuis le 20 janv. 2020 ; elle reste sur la liste comme "
            "situation durable",
        ),
        (
            withdraw_unlicensed([alert(readers="acled")], moment(1))[0].reason,
            "la licence acled n'est plus déclarée ; rien n'est lu sous cette licence, et rien ne "
            "surveille le niveau",
        ),
        (
            late_warnings([alert(told=None, corrected=True)], [], moment(1))[0].reason,
            "l'alerte reste ouverte : ses notifications ne sont plus suspendues ; sur les données "
            "telles qu'on les connaît aujourd'hui, elle ne se serait pas ouverte",
        ),
    ],
)
def test_what_the_service_decided_is_told_in_french(reason: str, said: str) -> None:
    assert french(reason) == said


def test_what_people_wrote_stays_theirs() -> None:
    written = CLOSED_BY_HAND(words="9 events,\nhigh")
    assert french(written, "Dakar") == "close à la main : 9 events,\nhigh"
    assert french("probability 0.300", "Dakar") == "probability 0.300"


@pytest.mark.parametrize(
    "words",
    [
        "we checked 3 events",
        "the march became violent",
        "the risk fell to nothing",
        "nobody was there in the last week",
        "2020-99-99",
        "9" * 5000,
        "50%% (and 3%) %(words)s",
    ],
)
def test_what_people_wrote_may_read_like_a_sentence_of_the_service(words: str) -> None:
    assert french(CLOSED_BY_HAND(words=words), "Dakar") == f"close à la main : {words}"


def test_a_part_that_is_no_number_and_no_level_is_told_as_it_was_recorded() -> None:
    assert french("still open: they saw 3 events") == "l'alerte reste ouverte : they saw 3 events"
    assert "passe de calm à violent" in french("0.30: calm became violent")


def test_a_name_is_not_read_as_a_number_or_a_day() -> None:
    reason = reasons.pending_reason(rule(id="2020-01-06", hold_for=2), score(0.3))
    assert "la règle 2020-01-06 est remplie" in french(reason)


def test_what_no_sentence_wrote_is_told_as_it_was_recorded() -> None:
    assert french("a reason of long ago") == "a reason of long ago"
