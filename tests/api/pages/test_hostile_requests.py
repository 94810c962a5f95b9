"""Tests of pages against requests that no page of ours makes: too much, too long, or guessed."""

from tests.api.pages.conftest import Visitor


def test_a_country_that_is_named_a_hundred_times_is_drawn_once(visitor: Visitor) -> None:
    person = visitor()
    once = person.get("/page-outlines.json?country=TGO")
    often = person.get("/page-outlines.json?country=" + ",".join(["TGO"] * 100))
    assert len(once.json()["countries"]) == 1
    assert often.content == once.content
