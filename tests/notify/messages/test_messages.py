"""Tests of messages in both complete languages."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ewarn.alerting.decide import decide
from ewarn.domain.alert import WARNINGS, ChangeKind
from ewarn.domain.kinds import source_signals
from ewarn.domain.notification import About, Notification
from ewarn.domain.recipient import Recipient
from ewarn.domain.region import Level, Region
from ewarn.domain.score import Driver, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.languages.catalogues import complete_languages
from ewarn.languages.formats import percent
from ewarn.notify.messages import labels
from ewarn.notify.messages.compose import compose
from ewarn.notify.messages.payload_fields import AlertContext, alert_facts
from tests.scores import moment, rule, score

TOGO = Region("TGO", Level.COUNTRY, "Togo", None, 8.6, 0.8)
MARITIME = Region(
    id="TG-M",
    level=Level.ADMIN1,
    name="Maritime",
    parent="TGO",
    latitude=6.4,
    longitude=1.2,
    names=(("fr", "Région maritime"),),
)
DRIVERS = (
    Driver("invented:force:lethal", date(2019, 12, 9), date(2019, 12, 30), 0.81, 2),
    Driver("invented:protest", date(2019, 12, 30), date(2019, 12, 30), -0.2, 7),
)


def occasion(probability: float | None = 0.3, **others: Any) -> AlertContext:
    detector = probability is None
    watch = rule(detector=detector)
    one = score(probability, drivers=DRIVERS, observed=9 if detector else 1, **others)
    (change,) = decide([one], [], [watch], moment(0))
    return AlertContext(
        change=change,
        score=one,
        region=MARITIME,
        suggestion={"en": "call the country team", "fr": "appeler l'équipe de pays"},
        base_url="http://127.0.0.1:8000",
        country=TOGO,
    )


def said(told: AlertContext, language: str) -> str:
    recipient = Recipient("dakar:log", "dakar", "log", "dakar", language)
    facts = alert_facts(told, language, moment(0))
    notification = Notification(
        "n1", recipient.id, About.ALERT, "a1", False, facts, moment(0), moment(0)
    )
    made = compose(recipient, [notification], moment(0), told.base_url)
    assert made.subject == made.text.splitlines()[0]
    return made.text


def test_a_message_says_where_what_why_and_what_to_do() -> None:
    assert said(occasion(before=(0.1, None, 0.15)), "en") == (
        "Maritime, Togo: alert opened, level high (lethal force against demonstrators)\n"
        "Probability of lethal force against demonstrators in the 4 weeks from 6 Jan 2020: 30% "
        "(90% interval 15% – 60%), up from 10% on 30 Dec 2019.\n"
        "The last weeks: ▅·▃█\n"
        "Why it changed: probability 0.300 at or above 0.2 for 1 week.\n"
        "Main drivers: 2 × lethal force against demonstrators, since 9 Dec 2019 ↑; "
        "7 × protests, week of 30 Dec 2019 ↓.\n"
        "Completeness of the data: 100%.\n"
        "Suggested: call the country team.\n"
        "http://127.0.0.1:8000/alerts/alert-f8b358d4dd772f6b"
    )


def test_it_speaks_french_and_carries_the_notice_of_an_illustration() -> None:
    text = said(occasion(basis=Basis.ILLUSTRATION), "fr")
    assert text.splitlines()[0] == (
        "[illustration] Région maritime, Togo : alerte ouverte, niveau élevé "
        "(usage meurtrier de la force contre des manifestants)"
    )
    assert "30 %" in text.replace("\u202f", " ").replace("\xa0", " ")
    assert "appeler l'équipe de pays" in text
    assert "illustration : paramètres d'une autre source ou d'années ultérieures ;" in text


@pytest.mark.parametrize("kind", ChangeKind)
def test_what_is_over_suggests_nothing(kind: ChangeKind) -> None:
    told = occasion()
    facts = alert_facts(replace(told, change=replace(told.change, kind=kind)), "en", moment(0))
    is_call = kind in (*WARNINGS, ChangeKind.REMINDED, ChangeKind.ESCALATED, ChangeKind.REINSTATED)
    is_call = is_call and kind is not ChangeKind.REMAINED  # nothing new is asked of anybody
    assert bool(facts["suggestion"]) is is_call


def test_a_suggestion_that_no_office_translated_is_told_in_english() -> None:
    told = replace(occasion(), suggestion={"en": "call the country team"})
    assert "Suggestion : call the country team." in said(told, "fr")


def test_what_did_not_rise_is_not_said_to_have() -> None:
    assert "up from" not in said(occasion(before=(0.3, 0.4)), "en")
    assert "contre 10" in said(occasion(before=(0.1,)), "fr")


def test_a_driver_without_an_event_is_none_of_them() -> None:
    driver = Driver("invented:protest", date(2017, 2, 13), date(2017, 8, 14), 0.4, 0)
    assert labels.driver_words(driver) == "protests, none since 13 Feb 2017 ↑"
    assert labels.driver_words(driver, "fr") == (
        "manifestations, aucun fait depuis le 13 févr. 2017 ↑"
    )


def test_without_a_probability_it_names_none() -> None:
    text = said(occasion(None), "en")
    assert "Probability" not in text
    assert "9 events last week, bound 3.0" in text
    assert "uncalibrated: expected values and bounds, not probabilities" in text


def test_what_software_read_in_the_news_asks_to_be_checked() -> None:
    gdelt = (SourceFooting("gdelt", Health.OK, 1.0),)
    for probability in (None, 0.3):
        assert "check what happened before you act" in said(
            occasion(probability, sources=gdelt), "en"
        )
        assert "vérifiez les faits avant d'agir" in said(occasion(probability, sources=gdelt), "fr")
        assert "check what happened" not in said(occasion(probability), "en")


@pytest.mark.parametrize("language", complete_languages())
def test_everything_has_a_name_in_every_complete_language(language: str) -> None:
    found = [labels.band_words(band, language) for band in Band]
    found += [labels.target_words(target, language) for target in Target]
    found += [labels.change_words(kind, language) for kind in ChangeKind]
    found += [labels.kind_words(name, language) for name in source_signals("invented")]
    found += [labels.heading(about, language) for about in About if about is not About.ALERT]
    found += [labels.counted(number, about, language) for about in About for number in (1, 2)]
    found += [labels.health_words(health, language) for health in Health]
    assert all(found)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.123, "12%", "12 %"),
        (0.0123, "1.2%", "1,2 %"),
        (0.0, "0.0%", "0,0 %"),
        (1.8e-44, "<0.1%", "<0,1 %"),
    ],
)
def test_percentages_are_written_as_each_language_does(
    value: float, english: str, french: str
) -> None:
    assert percent(value, "en") == english
    assert percent(value, "fr").replace("\xa0", " ").replace("\u202f", " ") == french
