"""Tests of the pages of recommendations: what was asked, how far it is, and who moved it on."""

from dataclasses import replace

import pytest

from ewarn.domain.time import WEEK
from ewarn.response.follow_up import added
from ewarn.store.access import audit
from ewarn.store.response import recommendations
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import words
from tests.api.pages.test_response import WRITES
from tests.api.world import NOW, RECOMMENDATION, World

PAGE = "/response/recommendations/r1"
NEW = {
    "country": "TGO",
    "body": "mission",
    "theme": "detention",
    "text": "Open the cells to visits.",
    "owner": "regional office",
    "given_on": "2020-01-15",
}


def store(world: World, *, many: int = 1, **changed: object) -> None:
    """Store further recommendations, the first of them as `more-0`."""
    made = replace(RECOMMENDATION.recommendation, **changed)  # type: ignore[arg-type]
    every = [replace(made, id=f"more-{number}", text=f"Text {number}.") for number in range(many)]
    with world.store.write() as connection:
        recommendations.record(connection, [added(each, "Accra", NOW - WEEK) for each in every])


def listed(text: str) -> str:
    return text.partition("Recommendations")[2]


def test_they_are_listed_in_words_and_late_ones_are_marked(visitor: Visitor) -> None:
    page = listed(words(visitor().get("/response")))
    assert "open 30 days overdue Togo · Universal Periodic Review · assembly" in page
    assert "An invented recommendation. invented 1 · Follow-up: office" in page
    assert "given on 1 Nov 2019 · due 1 Feb 2020" in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("body=upr", True),
        ("body=mission", False),
        ("theme=assembly", True),
        ("theme=torture", False),
        ("status=open", True),
        ("status=done", False),
        ("overdue=true", True),
        ("where=TGO", True),
        ("where=GHA", False),
    ],
)
def test_filters_are_in_the_address(visitor: Visitor, query: str, is_found: bool) -> None:
    page = visitor().get(f"/response?{query}")
    assert ("An invented recommendation." in listed(words(page))) is is_found
    name, value = query.split("=")
    chosen = "checked" if name == "overdue" else f'<option value="{value}" selected>'
    assert chosen in page.text
    if not is_found and name != "where":
        assert "No recommendation matches these filters." in words(page)


def test_a_filter_that_does_not_exist_is_refused_in_words(visitor: Visitor) -> None:
    page = visitor().get("/response?theme=peace")
    assert page.status_code == 422
    assert "Look at: theme." in words(page)


def test_what_is_not_overdue_is_left_out(world: World, visitor: Visitor) -> None:
    store(world, due_on=None)
    person = visitor()
    assert "Text 0." in words(person.get("/response"))
    assert "Text 0." not in words(person.get("/response?overdue=true"))


def test_a_long_list_has_pages_that_keep_the_filters(world: World, visitor: Visitor) -> None:
    store(world, many=60)
    person = visitor()
    first = person.get("/response?where=TGO&theme=assembly")
    assert words(first).count("invented 1") == 50
    link = first.text.split('">Show older ones')[0].rpartition('href="')[2].replace("&amp;", "&")
    assert link.startswith("/response?where=TGO&theme=assembly&cursor=")
    second = person.get(link.partition("#")[0])
    assert words(second).count("invented 1") == 11
    assert "Show older ones" not in second.text
    assert "Back to the newest" in second.text


def test_a_new_status_is_recorded_with_evidence_and_the_persons_name(
    world: World, visitor: Visitor
) -> None:
    person = visitor("TGO", scopes=WRITES)
    assert "History 24 Feb 2020, 12:00 UTC added Accra" in words(person.get(PAGE))
    fields = {
        "status": "under_way",
        "evidence": "A bill was tabled.\nIt is invented.",
        "on": "2020-02-28",
        "review_on": "2020-06-01",
    }
    page = person.post(PAGE, fields, page=PAGE)
    said = words(page)
    assert "Recorded: under way." in said
    assert "under way 30 days overdue since 28 Feb 2020" in said
    assert "Evidence A bill was tabled. It is invented." in said
    assert "Next review 1 Jun 2020" in said
    assert "new status under way Ama (a test) A bill was tabled." in said
    with world.store.read() as connection:
        story = audit.history(connection, audit.RECOMMENDATION, "r1", NOW)
    assert story[-1].act.actor == "Ama (a test)"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"evidence": ""}, "This field must be filled in."),
        ({"on": "2020-03-09"}, "the status must be of a day from 2019-11-01 to 2020-03-02"),
        ({"review_on": "2019-12-01"}, "it is to be reviewed on 2019-12-01, before the status"),
        ({"status": "lost"}, 'id="status-wrong"'),
    ],
)
def test_a_status_that_is_refused_says_why_and_keeps_the_text(
    visitor: Visitor, changed: dict[str, str], why: str
) -> None:
    person = visitor(scopes=WRITES)
    page = person.post(PAGE, {"status": "done", "evidence": "A decree."} | changed, page=PAGE)
    assert page.status_code == 422
    assert why in page.text
    assert "Nothing was recorded." in words(page)
    if "evidence" not in changed:
        assert "A decree.</textarea>" in page.text
    if "status" not in changed:
        assert '<option value="done" selected>' in page.text
    assert "A decree." not in person.get(PAGE).text


def test_one_is_added(visitor: Visitor) -> None:
    person = visitor("TGO", scopes=WRITES)
    assert '<option value="TGO" selected>' in person.get("/response/add").text
    page = person.post("/response/add", NEW, page="/response/add")
    assert page.url.path.startswith("/response/recommendations/recommendation-")
    said = words(page)
    assert "The recommendation was added." in said
    assert "Open the cells to visits." in said
    assert "Asked by mission Theme detention" in said
    assert "added Ama (a test)" in said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"owner": "Mme Example"}, "the owner"),
        ({"owner": ""}, 'id="owner-wrong" class="wrong">This field must be filled in.'),
        ({"given_on": "2020-04-01"}, "which is in the future"),
        ({"due_on": "2019-01-01"}, 'id="due_on-wrong"'),
        ({"country": "GHA"}, "There is no region"),
    ],
)
def test_one_that_is_refused_keeps_what_was_typed(
    visitor: Visitor, changed: dict[str, str], why: str
) -> None:
    person = visitor("TGO", "BEN", scopes=WRITES)
    fields = NEW | changed
    page = person.post("/response/add", fields, page="/response/add")
    assert page.status_code == 422
    assert why in page.text
    assert "Open the cells to visits.</textarea>" in page.text
    assert '<option value="detention" selected>' in page.text
    assert f'value="{fields["given_on"]}"' in page.text
    assert "Open the cells" not in words(person.get("/response"))


def test_hostile_text_is_text(world: World, visitor: Visitor) -> None:
    person = visitor("TGO", scopes=WRITES)
    bad = "<script>alert(1)</script>"
    page = person.post("/response/add", NEW | {"text": bad, "reference": bad}, page="/response/add")
    assert page.status_code == 200
    assert bad not in page.text
    assert bad in words(page)
    assert bad not in person.get("/response").text


def test_others_find_nothing(visitor: Visitor) -> None:
    person = visitor("GHA", scopes=WRITES)
    assert person.get(PAGE).status_code == 404
    assert person.post(PAGE, {"status": "done", "evidence": "x"}).status_code == 404


def test_who_may_only_read_sees_the_history_and_no_form(visitor: Visitor) -> None:
    person = visitor("TGO")
    page = person.get(PAGE)
    assert "added Accra" in words(page)
    assert "that needs the scope deployments:write" in words(page)
    assert 'name="evidence"' not in page.text
    assert person.post(PAGE, {"status": "done", "evidence": "x"}).status_code == 403
    assert person.post("/response/add", NEW).status_code == 403


def test_without_scripts_a_command_imports_a_list(visitor: Visitor) -> None:
    page = visitor(scopes=WRITES).get("/response/import")
    assert 'id="import" class="card text" hidden' in page.text
    assert "--data-binary @recommendations.csv" in words(page)
    assert "country, body, text, owner, given_on" in words(page)
    assert "at most 5 MiB and 20,000 rows" in words(page)
