"""Tests of reading offices and their recipients, and of messages about mistakes."""

from datetime import time

import pytest

from ewarn.domain.recipient import Digest, QuietHours
from ewarn.domain.target import Band
from ewarn.errors import SettingsError
from ewarn.languages.catalogues import LANGUAGES
from ewarn.notify.channels.address_checks import check_address
from ewarn.rulebook.offices import OfficeChecks, read_offices

OFFICE = """\
- id: dakar
  name: Dakar
  language: fr
  zone: Africa/Dakar
  countries: [TGO, GHA]
  recipients:
    - email:desk@example.org
    - to: webhook:https://example.org/in
"""


def with_fields(*lines: str) -> str:
    return OFFICE + "".join(f"      {line}\n" for line in lines)


def test_what_a_recipient_does_not_say_is_its_offices() -> None:
    (office,) = read_offices(OFFICE)
    desk, hook = office.recipients
    assert (desk.channel, desk.address, desk.language) == ("email", "desk@example.org", "fr")
    assert desk.countries == ("TGO", "GHA")
    assert (desk.pace.zone, desk.pace.most_a_day) == ("Africa/Dakar", 2)
    assert (hook.address, hook.pace.most_a_day) == ("https://example.org/in", None)
    assert desk.id == "dakar:email:desk@example.org"


def test_countries_and_names_are_read_as_they_are_written() -> None:
    text = OFFICE.replace("[TGO, GHA]", "[NO, no, 010]").replace("id: dakar", "id: 010")
    (office,) = read_offices(text.replace("name: Dakar", "name: yes"))
    assert (office.id, office.name, office.countries) == ("010", "yes", ("NO", "no", "010"))


def test_a_recipient_says_what_it_wants_and_when() -> None:
    lines = ["level: high", "at_least: 0.1", "tier: 2", "digest: weekly", "digest_at: 18:00"]
    lines += ["quiet: 22:00-06:00", "zone: Africa/Nairobi", "most_a_day: 5", "repeat_days: 0"]
    lines += ["language: en", "countries: [TGO]", "targets: [force]"]
    (office,) = read_offices(with_fields(*lines))
    hook = office.recipients[1]
    assert (hook.level, hook.at_least, hook.tier) == (Band.HIGH, 0.1, 2)
    assert (hook.pace.digest, hook.pace.digest_at) == (Digest.WEEKLY, time(18))
    assert hook.pace.quiet == QuietHours(time(22), time(6), "Africa/Nairobi")
    assert (hook.pace.most_a_day, hook.pace.repeat_days) == (5, None)
    assert (hook.language, hook.countries, hook.targets) == ("en", ("TGO",), ("force",))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("level: terrible", "line 9: 'terrible' is not a level"),
        ("zone: Mars/Olympus", "line 9: 'Mars/Olympus' is not a time zone"),
        ("digest: hourly", "line 9: 'hourly' is not a digest; use one of daily, weekly"),
        ("quiet: all night", "line 9: 'all night' is not a time of day"),
        ("digest_at: 1080", "line 9: '1080' is not a time of day"),
        ("tier: 0", "line 9: 'tier' must be a whole number of at least 1"),
        ("colour: red", "line 9: 'colour' is not a field here"),
        ("at_least: 2", "line 9: 'at_least' is 2; a probability lies between 0 and 1"),
    ],
)
def test_a_mistake_is_named_with_its_line(line: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"offices.yaml, {said}"):
        read_offices(with_fields(line))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OFFICE.replace("email:desk@example.org", "desk"), "line 7: a recipient is written"),
        (
            OFFICE + "    - email:desk@example.org\n",
            "line 9: this recipient is already defined above",
        ),
        (OFFICE + OFFICE, "line 9: an office called 'dakar' is already defined above"),
    ],
)
def test_who_is_told_must_be_clear(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"offices.yaml, {said}"):
        read_offices(text)


CHECKS = OfficeChecks(("TGO", "GHA"), ("email", "webhook"), check_address)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("[TGO, GHA]", "[TGO, ATL]", "line 5: 'ATL' is not a country; write its alpha-3 code"),
        ("[TGO, GHA]", "[TG]", "line 5: 'TG' is not a country"),
        ("email:desk@", "pigeon:desk@", "line 7: 'pigeon' is not a channel; the channels are"),
        ("desk@example.org", "nonsense", "line 7: it is not one mail address"),
        ("https://example.org/in", "file:///etc/passwd", "line 8: a webhook's address is a URL"),
        ("https://example.org/in", "http://169.254.169.254/", "line 8: .* public addresses only"),
    ],
)
def test_an_office_is_held_against_what_there_is(before: str, after: str, said: str) -> None:
    assert len(read_offices(OFFICE, checks=CHECKS)) == 1
    with pytest.raises(SettingsError, match=f"offices.yaml, {said}"):
        read_offices(OFFICE.replace(before, after), checks=CHECKS)


def test_a_recipient_names_countries_and_targets_that_there_are() -> None:
    for line, said in (("countries: [XXX]", "is not a country"), ("targets: [rain]", "is not a")):
        with pytest.raises(SettingsError, match=f"offices.yaml, line 9: .* {said}"):
            read_offices(with_fields(line), checks=CHECKS)


@pytest.mark.parametrize("sign", ["\\ud800", "\\0", "\\e[31m", "\\u202e"])
def test_a_name_is_a_text(sign: str) -> None:
    with pytest.raises(SettingsError, match=r"offices\.yaml, line 2: "):
        read_offices(OFFICE.replace("name: Dakar", f'name: "a{sign}b"'))


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ("line 1: 'id' must be a role", ("id: dakar", "id: mr-kossi")),
        ("line 2: 'name' must be a role", ("name: Dakar", "name: Docteur Inventé")),
        ("line 2: 'name' must be a role", ("name: Dakar", "name: Dakar, +228 90 12 34 56")),
    ],
)
def test_an_office_is_called_by_no_person(line: str, person: tuple[str, str]) -> None:
    with pytest.raises(SettingsError, match=rf"offices\.yaml, {line}"):
        read_offices(OFFICE.replace(*person))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("zone: posixrules", "'posixrules' is not a time zone"),
        ("quiet: 22:00-22:00", "quiet hours must begin and end at different times"),
        ("quiet: 22:00+01:00-06:00", ".* is not a time of day"),
        ("digest_at: 18:00Z", "'18:00Z' is not a time of day"),
        ("language: xx", "'xx' is not a language here; use one of ar, en, es, fr, ru, zh"),
        ("countries: []", "'countries' must name at least one country, and none twice"),
        ("countries: [TGO, TGO]", "'countries' must name at least one country, and none twice"),
        ("most_a_day: true", "'most_a_day' must be a whole number"),
        ("most_a_day: 999999999", "'most_a_day' is 999999999; 1000 is the most"),
        ("repeat_days: 999999999", "'repeat_days' is 999999999; 366 is the most"),
        ("tier: 999999999", "'tier' is 999999999; 100 is the most"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_its_line(line: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"offices\.yaml, line 9: {said}"):
        read_offices(with_fields(line))


def test_a_language_is_one_that_messages_know() -> None:
    for language in LANGUAGES:
        (office,) = read_offices(OFFICE.replace("language: fr", f"language: {language}"))
        assert office.language == language
