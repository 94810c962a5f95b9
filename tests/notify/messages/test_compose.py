"""Tests of messages: against snapshots, and what must hold whatever is in them."""

import os
import random
import re
from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ewarn.domain.alert import ChangeKind
from ewarn.domain.notification import About, Notification
from ewarn.domain.region import Level, Region
from ewarn.domain.source import Health
from ewarn.domain.target import Band
from ewarn.egress.messages import MessageBody
from ewarn.languages.catalogues import LANGUAGES, complete_languages, is_complete, translation
from ewarn.notify.messages import compose as composing
from ewarn.notify.messages import labels
from ewarn.notify.messages.compose import SUBJECT_LENGTH, compose
from ewarn.notify.messages.sparkline import bar_heights, sparkline
from tests.notifications import (
    BASE,
    GHANA,
    MARITIME,
    NOW,
    TOGO,
    alert_notification,
    endpoint_notification,
    follow_up_notification,
    recipient,
    source_notification,
    trial_notification,
    verify_notification,
)

SNAPSHOTS = Path(__file__).parent / "snapshots"


def several_alerts(language: str) -> list[Notification]:
    return [
        alert_notification(0.3, ChangeKind.OPENED, TOGO, language, 0, rule="force-country"),
        alert_notification(0.5, ChangeKind.RAISED, TOGO, language, 3, rule="force-country"),
        alert_notification(0.25, ChangeKind.OPENED, GHANA, language, 1, rule="force-country"),
        alert_notification(None, ChangeKind.OPENED, MARITIME, language, 2, "detected", "unusual"),
        alert_notification(0.04, ChangeKind.CLOSED, MARITIME, language, 4),
    ]


def cases(language: str) -> dict[str, list[Notification]]:
    """Each kind of news alone and in company, in a language."""
    return {
        "alert": [alert_notification(language=language)],
        "alert-several": several_alerts(language),
        "source": [source_notification(language=language)],
        "source-several": [
            source_notification(language=language),
            source_notification(Health.OK, language, hours=4),
            source_notification(Health.DENIED, language, "acled"),
        ],
        "follow_up": [follow_up_notification()],
        "follow_up-several": [
            follow_up_notification(),
            follow_up_notification("recommendation", "Release of detainees", days_overdue=1),
        ],
        "endpoint": [endpoint_notification()],
        "endpoint-several": [
            endpoint_notification(),
            endpoint_notification("https://other.example.org/in"),
        ],
        "verify": [verify_notification()],
        "verify-several": [verify_notification(), verify_notification("sub_2")],
        "test": [trial_notification()],
        "test-several": [trial_notification(), trial_notification("again")],
    }


NAMES = sorted(cases("en"))
NOT_YET = "This message is not available in your language yet; it is written in English."


def _held(name: str, found: str) -> None:
    """Compares with a snapshot. Renew them on purpose: `RENEW_MESSAGES=1`, and read the diff."""
    path = SNAPSHOTS / name
    if os.environ.get("RENEW_MESSAGES"):
        path.write_text(found + "\n", encoding="utf-8")
    assert found + "\n" == path.read_text(encoding="utf-8"), f"{name}: renew with RENEW_MESSAGES=1"


@pytest.mark.parametrize("language", complete_languages())
@pytest.mark.parametrize("name", NAMES)
def test_messages_read_as_they_did(name: str, language: str) -> None:
    made = compose(recipient(language), cases(language)[name], NOW, BASE)
    _held(f"{name}.{language}.txt", f"Subject: {made.subject}\n\n{made.text}")
    _held(f"{name}.{language}.html", made.html)


def test_a_language_that_is_not_complete_reads_as_it_did() -> None:
    made = compose(recipient("ar"), several_alerts("ar"), NOW, BASE)
    _held("alert-several.ar.txt", f"Subject: {made.subject}\n\n{made.text}")
    _held("alert-several.ar.html", made.html)


def test_no_snapshot_is_left_over() -> None:
    ours = {f"{name}.{spoken}" for name in NAMES for spoken in complete_languages()}
    ours.add("alert-several.ar")
    assert {path.stem for path in SNAPSHOTS.iterdir()} == ours


@pytest.mark.parametrize("language", [each for each in LANGUAGES if not is_complete(each)])
def test_it_says_in_the_wanted_language_that_it_is_not_in_it(language: str) -> None:
    told = [alert_notification(region=TOGO, language=language)]
    made = compose(recipient(language), told, NOW, BASE)
    assert made.text.startswith(translation(language).gettext(NOT_YET))
    assert f'lang="{language}"' in made.html
    assert made.html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert TOGO.name_in(language) in made.subject
    assert "alert opened" in made.subject


class _Reader(HTMLParser):
    """Collects the tags of a page and checks that they close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        values = dict(attrs)
        self.targets += [str(values[name]) for name in ("href", "src") if name in values]
        assert not any(name.startswith("on") for name in values)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_whole_and_fetches_nothing(name: str) -> None:
    made = compose(recipient(), cases("en")[name], NOW, BASE)
    page = _Reader()
    page.feed(made.html)
    assert page.open == []
    assert page.seen.count("h1") == 1
    assert not {"img", "script", "link", "iframe", "style", "form"} & set(page.seen)
    assert "url(" not in made.html
    assert all(target.startswith(BASE) for target in page.targets)


def test_colours_can_be_told_from_white() -> None:
    """WCAG 2.2: text at least 4.5:1, other marks at least 3:1."""

    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    page = compose(recipient("ar"), several_alerts("ar"), NOW, BASE).html
    texts = set(re.findall(r"[;\"]color:(#[0-9a-f]{6})", page))
    marks = set(re.findall(r"border-left:6px solid (#[0-9a-f]{6})", page))
    assert len(texts) >= 3
    assert len(marks) >= 2
    ground = light("#eef1f4")  # the darkest there is
    assert all((ground + 0.05) / (light(text) + 0.05) >= 4.5 for text in texts)
    assert all((1 + 0.05) / (light(mark) + 0.05) >= 3 for mark in marks)


def test_what_people_wrote_is_escaped_and_stays_in_its_line() -> None:
    nasty = "<script>alert(1)</script>\r\nBcc: x@example.org\n{{ 7 * 7 }}\x00"
    made = compose(recipient(), [follow_up_notification(title=nasty, owner=nasty)], NOW, BASE)
    assert "<script>" not in made.html
    assert "&lt;script&gt;" in made.html
    assert "{{ 7 * 7 }}" in made.text
    assert not re.search(r"[\r\n\x00]", made.subject)
    assert "\nBcc" not in made.text
    assert len(made.text.splitlines()) == 4


def test_the_same_notices_make_the_same_message_and_others_another() -> None:
    told = several_alerts("en")
    first = compose(recipient(), told, NOW, BASE)
    shuffled = random.Random(1).sample(told, len(told))
    assert compose(recipient(), shuffled, NOW + timedelta(days=1), BASE).id == first.id
    assert compose(recipient(), shuffled, NOW, BASE) == first
    assert compose(recipient(), told[1:], NOW, BASE).id != first.id
    assert compose(recipient(id="r2"), told, NOW, BASE).id != first.id
    assert first.id.startswith("msg_")
    assert len(first.id) <= 40


def test_who_signs_comes_from_the_recipient() -> None:
    signers = ("sub_x.2", "sub_x.1")
    assert compose(recipient(signers=signers), [trial_notification()], NOW, BASE).signers == signers


def _many(number: int) -> list[Notification]:
    """Alerts of many invented countries, each opened and then raised."""
    told = []
    for place in range(number):
        code = f"X{place:03}"
        region = Region(code, Level.COUNTRY, f"Invented land {place:03}", None, 0, 0)
        for hours, (kind, chance) in enumerate(
            [(ChangeKind.OPENED, 0.3), (ChangeKind.RAISED, 0.5)]
        ):
            told.append(alert_notification(chance, kind, region, "en", hours))
    return told


def test_a_message_is_bounded_and_loses_no_change() -> None:
    told = _many(60)
    made = compose(recipient(), told, NOW, BASE)
    assert made.text.count("Why it changed:") == composing.IN_FULL
    assert made.html.count("<h3") == composing.IN_FULL
    for text in (made.text, made.html):
        assert text.count("alert opened, high, 30%") == 60
        assert text.count("alert raised, critical, 50%") == 60
    assert len(made.body["items"]) == 60
    assert [step["change"] for step in made.body["items"][0]["changes"]] == ["opened", "raised"]


@pytest.mark.parametrize("language", complete_languages())
@pytest.mark.parametrize("number", [2, 3, 7, 40])
def test_the_subject_is_short_and_counts_what_it_leaves_out(number: int, language: str) -> None:
    told = [*_many(number), alert_notification(0.04, ChangeKind.CLOSED, MARITIME, language)]
    subject = compose(recipient(language), told, NOW, BASE).subject
    assert len(subject) <= SUBJECT_LENGTH + 15
    assert str(number + 1) in subject
    named = subject.count("Invented land")
    left = [int(text) for text in re.findall(r"(\d+) (?:more|de plus)", subject)]
    assert named >= 1
    assert named + sum(left) == number


def test_what_is_new_stands_before_what_remains() -> None:
    benin = Region("BEN", Level.COUNTRY, "Benin", None, 0, 0)
    told = [
        alert_notification(0.5, ChangeKind.REMAINED),
        alert_notification(0.3, ChangeKind.OPENED, benin),
    ]
    subject = compose(recipient(), told, NOW, BASE).subject
    assert subject.index("Benin") < subject.index("Togo")


def test_a_lonely_closing_is_told_as_one() -> None:
    made = compose(recipient(), [alert_notification(0.04, ChangeKind.CLOSED)], NOW, BASE)
    assert "alert closed" in made.subject
    two = [alert_notification(0.04, ChangeKind.CLOSED, place) for place in (MARITIME, GHANA)]
    assert compose(recipient(), two, NOW, BASE).subject == "2 alerts: 2 closed"


def _order(made: str, texts: Sequence[str]) -> list[str]:
    return sorted(texts, key=made.index)


def test_the_gravest_comes_first() -> None:
    told = [follow_up_notification(), source_notification(), *several_alerts("en")]
    made = compose(recipient(), random.Random(2).sample(told, len(told)), NOW, BASE)
    headings = [
        "== Togo ==",
        "Togo: alert raised",
        "Maritime, Togo: alert closed",
        "Now also:",
        "- Maritime, Togo: alert opened",
        "== Ghana ==",
        "== Sources of data ==",
        "== Togo: follow-up ==",
    ]
    assert _order(made.text, headings) == headings
    assert made.subject.startswith(
        "4 alerts, 1 source, 1 follow-up: Togo critical (alert raised), now also: Maritime;"
    )


def test_of_two_that_are_as_grave_the_country_comes_first_and_names_its_regions() -> None:
    kara = Region("TG-K", Level.ADMIN1, "Kara", "TGO", 9.5, 1.1)
    told = [
        alert_notification(0.5, ChangeKind.RAISED, kara),
        alert_notification(0.5, ChangeKind.OPENED, MARITIME),
        alert_notification(0.45, ChangeKind.SURGED, TOGO, rule="force-country"),
    ]
    made = compose(recipient(), told, NOW, BASE)
    assert made.subject == "3 alerts: Togo critical (risk rose again), now also: Kara, Maritime"
    lines = made.text.splitlines()
    assert lines.count("Now also:") == 1
    assert "- Kara, Togo: alert raised, critical, 50% (lethal force against demonstrators)" in lines


def test_the_course_is_a_line_and_bars() -> None:
    course = [None, 0.0, 0.1, 0.2]
    assert sparkline(course) == "·▁▅█"
    assert bar_heights(course) == [None, 1, 16, 32]
    assert sparkline([]) == ""
    assert sparkline([0.0, None]) == "▁·"


@pytest.mark.parametrize("about", About)
def test_only_listed_fields_leave(about: About) -> None:
    (told,) = cases("en")[about.value]
    spoiled = Notification(
        told.id,
        told.recipient,
        told.about,
        told.thread,
        told.urgent,
        {**told.facts, "reporter_name": "Invented Person", "phone": "+000"},
        told.created_at,
        told.due_at,
    )
    made = compose(recipient(), [spoiled], NOW, BASE)
    assert "Invented Person" not in made.text + made.html + str(made.body)
    assert set(made.body) <= set(MessageBody.model_fields)


@pytest.mark.parametrize("band", Band)
@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_change_at_every_level_can_be_told(kind: ChangeKind, band: Band) -> None:
    told = alert_notification(kind=kind)
    facts = {**told.facts, "level": band.value}
    for language in complete_languages():
        one = Notification("n", "r1", About.ALERT, "a", False, facts, NOW, NOW)
        made = compose(recipient(language), [one], NOW, BASE)
        assert labels.band_words(band, language) in made.subject
        assert labels.change_words(kind, language) in made.subject


@pytest.mark.parametrize("health", Health)
def test_every_health_can_be_told(health: Health) -> None:
    text = compose(recipient(), [source_notification(health)], NOW, BASE).text
    assert ("Missing reports do not mean" in text) == (health is not Health.OK)
