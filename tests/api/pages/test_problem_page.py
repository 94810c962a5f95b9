"""Tests of what is answered to a problem: a page for a browser, a document for a program."""

from typing import Any

import pytest

from api.app import create_app
from api.pages.page import WebPage
from api.serving.rate_limits import RateLimits
from ewarn.domain.key import READ_SCOPES
from ewarn.errors import StoreError
from tests.api.client import Client
from tests.api.pages.conftest import Visitor
from tests.api.pages.failing import make_api_fail
from tests.api.pages.person import BROWSER, Person, words
from tests.api.test_partners import LIMITS
from tests.api.world import World

PROGRAM = {"Accept": "application/json"}


def test_an_address_that_is_not_there(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/nowhere")
    assert page.status_code == 404
    assert "There is nothing here" in words(page)
    assert person.get("/nowhere", PROGRAM).json()["type"] == "/problems#not-found"


@pytest.mark.parametrize("path", ["/%2Fevil.example/x", "/%09/evil.example", "/%0A//evil.example"])
def test_no_link_of_the_page_leads_to_the_host_that_its_address_names(
    visitor: Visitor, path: str
) -> None:
    page = visitor().get(path)
    assert page.status_code == 404
    assert 'href="/evil.example' in page.text
    assert 'href="//' not in page.text


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (BROWSER, "text/html"),
        ("text/html", "text/html"),
        ("TEXT/HTML;q=0.9, application/json;q=0.9", "text/html"),
        ("application/json, text/html;q=0.1", "application/problem+json"),
        ("application/json, text/html;q=0", "application/problem+json"),
        ("text/html-other, */*", "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("text/html;q=nan", "application/problem+json"),
        ("", "application/problem+json"),
    ],
)
def test_a_problem_is_answered_in_the_kind_that_is_liked_best(
    world: World, accept: str, kind: str
) -> None:
    answer = Person(create_app(world.state())).get("/nowhere", {"Accept": accept})
    assert answer.headers["content-type"].startswith(kind)


def test_data_behind_a_link_ask_a_person_to_sign_in(world: World) -> None:
    person = Person(create_app(world.state()))
    page = person.get("/v1/scores?country=TGO&format=csv")
    assert page.status_code == 401
    assert page.headers["www-authenticate"].startswith("Bearer")
    assert "/sign-in?next=%2Fv1%2Fscores%3F" in page.text
    assert person.get("/v1/scores", PROGRAM).json()["type"] == "/problems#key-required"


@pytest.mark.parametrize(
    ("language", "reason"),
    [("en", "is given more than once"), ("fr", "est donné plus d’une fois")],
)
def test_who_follows_a_link_to_data_reads_what_is_wrong_with_it(
    visitor: Visitor, language: str, reason: str
) -> None:
    page = visitor(language=language).get("/v1/scores?limit=1&limit=<b>")
    assert page.status_code == 422
    assert f"limit {reason}" in words(page)


def test_a_partner_reads_why_the_brief_stays_closed(visitor: Visitor) -> None:
    person = visitor("TGO", scopes={"scores:read"}, partner=LIMITS)
    page = person.get("/regions/TGO/brief")
    assert page.status_code == 403
    assert "Your key does not allow this" in words(page)


def test_a_wrong_method(visitor: Visitor) -> None:
    page = visitor().post("/sources", {})
    assert page.status_code == 405
    assert page.headers["allow"] == "GET"
    assert "Nothing was changed." in words(page)


def test_too_many_requests(world: World) -> None:
    limits = RateLimits(per_key=0, per_address=2, timer=lambda: 0.0)
    person = Person(create_app(world.state(limits=limits)), language="fr")
    person.get("/sign-in")
    person.get("/sign-in")
    page = person.get("/sign-in")
    assert page.status_code == 429
    assert page.headers["retry-after"] == "30"
    assert "Trop de demandes" in words(page)


def test_a_database_that_is_away(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    person = visitor()
    make_api_fail(monkeypatch, StoreError("the database is away"))
    page = person.get("/")
    assert page.status_code == 503
    assert "The service cannot answer now" in words(page)
    assert person.get("/", PROGRAM).status_code == 503


def test_an_unexpected_failure_names_the_line_of_the_log(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = visitor()
    make_api_fail(monkeypatch, RuntimeError("invented"))
    page = person.get("/")
    assert page.status_code == 500
    assert "The service failed" in words(page)
    assert page.headers["x-request-id"] in words(page)
    assert "invented" not in page.text


@pytest.mark.parametrize("error", [RuntimeError("invented"), StoreError("invented")])
def test_after_a_failure_nobody_claims_that_nothing_was_changed(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    person = visitor(scopes=READ_SCOPES | {"alerts:act"})
    make_api_fail(monkeypatch, error, "post")
    fields = {"act": "acknowledge", "reason": "an invented reason"}
    page = person.post("/alerts/a1", fields, page="/alerts/a1")
    assert page.status_code >= 500
    assert "It is not known whether what you sent was recorded." in words(page)
    assert "Nothing was changed" not in words(page)


def test_if_no_page_can_be_made_the_document_is_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("invented")

    monkeypatch.setattr(WebPage, "render", fail)
    answer = Client(create_app(world.state())).get("/nowhere", headers={"Accept": BROWSER})
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems#not-found"
