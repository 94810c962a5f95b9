"""Tests of the brief of a country: the same as data and as a page, in two languages, and safe."""

import re
from html.parser import HTMLParser

import pytest

from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import World

BRIEF = "/v1/regions/TGO/brief"
EVERY = ("scores:read", "alerts:read", "events:read", "deployments:read")


class Page(HTMLParser):
    """Parser that collects what a page loads, its inline styles and scripts, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.inline: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the links and the inline code of a tag."""
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href"):
                self.addresses.append(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(name)

    def handle_data(self, data: str) -> None:
        """Record the text."""
        self.words += " ".join(data.split()) + " "


def test_it_says_what_an_office_must_know(client: Client) -> None:
    found = client.get(f"{BRIEF}?language=en").json()
    assert (found["country_name"], found["language"]) == ("Togo", "en")
    assert [score["target"] for score in found["scores"]] == ["force", "escalation"]
    assert (
        found["scores"][0]["low"] < found["scores"][0]["probability"] < found["scores"][0]["high"]
    )
    assert (
        found["scores"][0]["drivers"][0].startswith("9 × protests") or found["scores"][0]["drivers"]
    )
    assert len(found["subdivisions"]) == 5
    assert [alert["id"] for alert in found["alerts"]] == ["a1", "a0"]
    assert [each["id"] for each in found["recommendations"]] == ["r1"]
    assert found["recommendations"][0]["days_overdue"] == 30
    assert [each["stage"] for each in found["deployments"]] == ["proposed"]
    assert found["notice"].startswith("illustration")


def test_it_speaks_the_language_of_the_closest_office(client: Client) -> None:
    assert client.get(BRIEF).json()["language"] == "fr"  # Dakar's, not Geneva's
    assert client.get("/v1/regions/KEN/brief").json()["language"] == "en"
    assert client.get("/v1/regions/TG-M/brief").json()["country"] == "TGO"


def test_as_of_a_past_day_it_says_what_it_said_then(client: Client) -> None:
    past = client.get(f"{BRIEF}?as_of=2020-01-25").json()
    assert (past["deployments"], past["recommendations"]) == ([], [])
    assert past["scores"][0]["origin"] == "2020-01-20"
    assert past["alerts"][0]["band"] == "high"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_holds_the_same_and_loads_nothing_from_elsewhere(
    client: Client, language: str
) -> None:
    answer = client.get(f"{BRIEF}?format=html&language={language}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    page = Page(answer.text)
    assert page.inline == []
    assert not {"script", "style", "iframe", "img"} & set(page.tags)
    assert set(page.addresses) == {"/page/brief.css", "/page/favicon.svg"}
    assert f'<html lang="{language}">' in answer.text
    assert answer.text.count('class="region"') >= 5
    assert all(
        word in page.words for word in ("Togo", "An invented recommendation.", "Natural Earth")
    )
    disclaimer = {"en": "imply no opinion", "fr": "aucune prise de position"}[language]
    assert disclaimer in page.words
    overdue = {"en": "30 days overdue", "fr": "30 jours de retard"}[language]
    assert overdue in page.words
    assert not re.search(r"None|\{\{|nan", page.words)
    for asset in page.addresses:
        assert client.get(asset).status_code == 200


def test_a_browser_gets_the_page_and_a_program_the_data(client: Client) -> None:
    html = client.get(BRIEF, {"Accept": "text/html,application/xhtml+xml"})
    assert html.headers["content-type"].startswith("text/html")
    assert client.get(BRIEF, {"Accept": "*/*"}).headers["content-type"] == "application/json"


def test_texts_are_shown_and_never_run(client: Client) -> None:
    asked = {
        "country": "TGO",
        "body": "upr",
        "text": "<script>alert(1)</script>",
        "theme": "assembly",
        "owner": "<b>office</b>",
        "given_on": "2020-01-01",
    }
    assert client.post("/v1/recommendations", asked).status_code == 201
    text = client.get(f"{BRIEF}?format=html").text
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "&lt;b&gt;office" in text


def test_a_country_without_anything_has_a_brief(client: Client) -> None:
    page = client.get("/v1/regions/KEN/brief?format=html")
    assert page.status_code == 200
    assert "Nothing has been scored here yet." in page.text


def test_every_scope_it_shows_is_needed_and_the_country_too(world: World, asker: Asker) -> None:
    app = asker().app
    for missing in EVERY:
        scopes = tuple(scope for scope in EVERY if scope != missing)
        answer = Client(app, {"X-API-Key": world.key("TGO", scopes=scopes)}).get(BRIEF)
        assert answer.status_code == 403, missing
    whole = Client(app, {"X-API-Key": world.key("TGO", scopes=EVERY)})
    assert whole.get(BRIEF).status_code == 200
    assert whole.get("/v1/regions/GHA/brief").status_code == 404
