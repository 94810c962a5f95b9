"""Tests of the pages of deployments: where teams are, what can follow, and what came of it."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from ewarn.domain.deployment import Deployment, Stage, StepKind
from ewarn.domain.effect import Effect, Estimate, Study, Verdict
from ewarn.domain.time import WEEK
from ewarn.response.steps import judged, take
from ewarn.store.access import audit
from ewarn.store.response import deployments
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.test_partners import LIMITS
from tests.api.world import DEPLOYMENT, NOW, PROPOSAL, SOURCE, World

PAGE = "/response/deployments/d1"
READS = frozenset({"deployments:read", "events:read", "alerts:read"})
WRITES = READS | {"deployments:write"}
START, END = date(2019, 12, 2), date(2020, 2, 24)


def offered(person: Person) -> list[str]:
    """The steps for which the page of the deployment has a form."""
    return re.findall(r'name="step" value="(\w+)"', person.get(PAGE).text)


def sent(world: World, *, stage: Stage = Stage.DEPLOYED) -> Deployment:
    """Store a deployment `d2` of a team that arrived in December, and return it."""
    made = replace(
        DEPLOYMENT.deployment,
        id="d2",
        stage=Stage.CONSENTED,
        proposed_on=START - WEEK,
        last_on=START - WEEK,
    )
    taken = take(
        made, StepKind.DEPLOYED, "Accra", NOW, "They arrived.", on=START + timedelta(days=2)
    )
    if stage is Stage.ENDED:
        taken = take(taken.deployment, StepKind.ENDED, "Accra", NOW, "They left.", on=END)
    with world.store.write() as connection:
        deployments.record(connection, taken)
    return taken.deployment


def evaluated(world: World, effect: Effect) -> None:
    """Store an effect of the deployment `d2`, which has ended."""
    step = judged(sent(world, stage=Stage.ENDED), effect, "ewarn", NOW)
    with world.store.write() as connection:
        deployments.record(connection, step)


def effect_of(verdict: Verdict, **others: object) -> Effect:
    study = Study(SOURCE, "TGO", "force", START - 2 * WEEK, START, END, (0,) * 14, (0,) * 14)
    values = {"reasons": (), "cautions": (), "estimates": (), "weights": {}, "study": study}
    return Effect(verdict, **(values | others))  # type: ignore[arg-type]


def test_deployments_are_listed_by_country_in_words(world: World, visitor: Visitor) -> None:
    made = replace(PROPOSAL, country="BEN", length_weeks=None, team=("human-rights adviser",))
    other = replace(DEPLOYMENT.deployment, id="d2", proposal=made)
    with world.store.write() as connection:
        deployments.record(connection, replace(DEPLOYMENT, deployment=other))
    page = visitor().get("/response").text.partition('id="deployments-title"')[2]
    page = " ".join(unescape(re.sub("<[^>]*>", " ", page)).split()).partition("Recommendations")[0]
    benin, _, togo = page.partition("Togo")
    assert "Benin proposed human-rights adviser" in benin
    assert "Length open-ended" in benin
    assert "proposed 2 × officer" in togo
    assert "Length 17 weeks" in togo
    assert "Follow-up: office" in togo


def test_a_late_review_is_marked(world: World, visitor: Visitor) -> None:
    sent(world)
    world.clock.now = NOW - 6 * WEEK
    assert "1 Jan 2020 overdue" not in words(visitor().get("/response"))
    world.clock.now = NOW
    person = visitor()
    assert "Next review 1 Jan 2020 overdue" in words(person.get("/response"))
    assert "Next review 1 Jan 2020 overdue" in words(person.get("/response/deployments/d2"))


def test_only_what_can_follow_is_offered_until_the_end(world: World, visitor: Visitor) -> None:
    person = visitor(scopes=WRITES)
    for expected, step in [
        (["consent_requested", "withdrawn"], "consent_requested"),
        (["consented", "refused", "withdrawn"], "consented"),
        (["deployed", "withdrawn"], "deployed"),
        (["ended", "reviewed"], "reviewed"),
        (["ended", "reviewed"], "ended"),
        (["reviewed"], "reviewed"),
    ]:
        assert offered(person) == expected
        assert ("The deployment has ended" in person.get(PAGE).text) is ("ended" in expected)
        fields = {"step": step, "reason": f"why {step}", "on": NOW.date()}
        page = person.post(PAGE, fields, page=PAGE)
        assert page.url.query == f"done={step}".encode()
        assert "Recorded: " in words(page)
    steps = words(page).partition("Steps so far")[2].partition("What can follow")[0]
    assert "2 Mar 2020 consented Ama (a test) why consented" in steps
    with world.store.read() as connection:
        story = audit.history(connection, audit.DEPLOYMENT, "d1", NOW)
    assert {each.act.actor for each in story[1:]} == {"Ama (a test)"}


def test_after_a_refusal_nothing_can_follow(visitor: Visitor) -> None:
    person = visitor(scopes=WRITES)
    asked = person.post(PAGE, {"step": "consent_requested", "reason": "why"}, page=PAGE)
    assert "Consent was given Whose consent it is: the Government." in words(asked)
    assert "Consent was refused Then nobody goes" in words(asked)
    page = person.post(PAGE, {"step": "refused", "reason": "why"}, page=PAGE)
    assert offered(person) == []
    assert "Nothing: nobody goes." in words(page)
    assert "Nobody went: there is nothing to evaluate." in words(page)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"on": "2020-01-01"}, "before the last one of 2020-02-24"),
        ({"on": "2020-03-09"}, "which is in the future"),
        ({"step": "deployed"}, "nobody is deployed without consent"),
        ({"step": "dance"}, "Look at the marked fields."),
    ],
)
def test_a_step_that_is_refused_says_why_and_keeps_the_text(
    visitor: Visitor, changed: dict[str, str], why: str
) -> None:
    person = visitor(scopes=WRITES)
    fields = {"step": "consent_requested", "reason": "a note of ours", "on": "2020-03-01"} | changed
    page = person.post(PAGE, fields, page=PAGE)
    assert page.status_code == 422
    assert "Nothing was recorded." in words(page)
    assert why in words(page)
    if fields["step"] == "consent_requested":
        assert "a note of ours</textarea>" in page.text
        assert f'value="{fields["on"]}"' in page.text
    assert "a note of ours" not in words(person.get(PAGE)).partition("What can follow")[0]


def test_a_step_without_a_reason_is_marked_at_the_field(visitor: Visitor) -> None:
    page = visitor(scopes=WRITES).post(PAGE, {"step": "withdrawn", "reason": " "}, page=PAGE)
    assert page.status_code == 422
    assert '<span id="reason-wrong" class="wrong">Write a reason.</span>' in page.text
    assert 'reason-wrong">' in page.text.partition('id="reason-withdrawn"')[2]
    assert 'id="step-withdrawn" open' in page.text


def test_a_proposal_answers_an_alert_by_a_playbook(visitor: Visitor) -> None:
    person = visitor(scopes=WRITES)
    form = person.get("/response/propose?alert=a1")
    assert '<option value="a1" selected>' in form.text
    assert '<option value="TGO" selected>' in form.text
    said = words(form)
    assert "2 × human-rights officer, constitutional expert" in said
    assert "Reviews, in weeks after the arrival 4, 9, 17, 30, 52" in said
    assert "the Government's approval; a follow-up owner in the regional office" in said
    assert "call the country team" not in said  # that playbook sends nobody
    fields = {"country": "TGO", "playbook": "deployment", "alert_id": "a1", "reason": "towns"}
    page = person.post("/response/propose", fields, page="/response/propose")
    assert page.url.path.startswith("/response/deployments/deployment-")
    said = words(page)
    assert "Recorded: proposed." in said
    assert "It answers this alert: Togo highest: critical" in said
    assert "proposed Ama (a test) towns" in said
    assert "Length 17 weeks" in said


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"country": "GHA"}, "there is no alert &#39;a1&#39; of GHA"),
        ({"playbook": "watch"}, "sends nobody"),
        ({"reason": ""}, "Write a reason."),
        ({"country": ""}, "This field must be filled in."),
    ],
)
def test_a_proposal_that_is_refused_keeps_what_was_typed(
    visitor: Visitor, changed: dict[str, str], why: str
) -> None:
    person = visitor(scopes=WRITES)
    fields = {
        "country": "TGO",
        "playbook": "deployment",
        "alert_id": "a1",
        "reason": "force in three towns",
        "on": "2020-03-01",
    } | changed
    page = person.post("/response/propose", fields, page="/response/propose")
    assert page.status_code == 422
    assert why in page.text
    assert f"{fields['reason']}</textarea>" in page.text
    assert 'value="2020-03-01"' in page.text
    assert '<option value="a1" selected>' in page.text
    if fields["country"]:
        assert f'<option value="{fields["country"]}" selected>' in page.text
    assert words(person.get("/response")).count("officer") == 1


def test_who_may_only_read_sees_no_forms_and_why(visitor: Visitor) -> None:
    person = visitor("TGO", scopes=READS)
    for path in ("/response", PAGE, "/response/propose", "/response/add", "/response/import"):
        page = person.get(path)
        assert page.status_code == 200
        assert "that needs the scope deployments:write" in words(page)
        assert 'action="/response/' not in page.text
        assert "/response/propose" not in page.text.partition("<main")[2]
    refused = person.post(PAGE, {"step": "withdrawn", "reason": "why"})
    assert refused.status_code == 403
    assert "proposed" in words(person.get(PAGE))


def test_partners_and_keys_without_the_scope_read_one_line(visitor: Visitor) -> None:
    scopes = {"scores:read", "alerts:read"}
    for person in (visitor("TGO", scopes=scopes, partner=LIMITS), visitor(scopes=scopes)):
        for path in ("/response", PAGE, "/response/recommendations/r1"):
            page = person.get(path)
            assert page.status_code == 200
            assert "Your key may not read deployments and recommendations." in words(page)
            assert "officer" not in page.text


def test_a_key_of_another_country_finds_nothing(visitor: Visitor) -> None:
    person = visitor("GHA", scopes=WRITES)
    assert person.get(PAGE).status_code == 404
    assert person.get("/response?where=TGO").status_code == 404
    assert person.post(PAGE, {"step": "withdrawn", "reason": "why"}).status_code == 404
    page = words(person.get("/response"))
    assert "No deployment was proposed here." in page
    assert "No recommendation is recorded here." in page
    assert '<option value="GHA" selected>' in person.get("/response/propose").text


def test_hostile_text_is_text(visitor: Visitor) -> None:
    person = visitor(scopes=WRITES)
    bad = "<script>alert(1)</script>"
    page = person.post(PAGE, {"step": "withdrawn", "reason": bad, "on": bad}, page=PAGE)
    assert page.status_code == 422
    assert "&lt;script&gt;alert(1)" in page.text
    assert bad not in page.text
    page = person.post(PAGE, {"step": "withdrawn", "reason": bad}, page=PAGE)
    assert bad not in page.text
    assert bad in words(page)
    unknown = person.get(f"{PAGE}?done={bad}")
    assert unknown.status_code == 200
    assert "Recorded" not in words(unknown)


def test_a_past_day_shows_the_stage_of_that_day_and_no_forms(
    world: World, visitor: Visitor
) -> None:
    world.clock.now = NOW + WEEK
    person = visitor(scopes=WRITES)
    person.post(PAGE, {"step": "withdrawn", "reason": "why"}, page=PAGE)
    assert "withdrawn" in words(person.get("/response"))
    for path in ("/response", PAGE):
        page = person.get(f"{path}?as_of={NOW.date()}")
        assert "proposed" in words(page)
        assert "withdrawn" not in words(page)
        assert 'name="step"' not in page.text
        assert "go back to now to record something" in words(page)


def test_the_events_of_the_country_are_drawn_with_the_deployment(
    world: World, visitor: Visitor
) -> None:
    sent(world)
    page = visitor(scopes=READS).get("/response/deployments/d2")
    assert 'class="stay"' in page.text
    assert 'class="bar bar-force"' in page.text
    said = words(page)
    found = re.search(r"Before the deployment: (\d+) events in 52 weeks\. During it: (\d+)", said)
    assert found is not None
    rows = said.partition("Week Events Deployment")[2].partition("Shaded")[0]
    counts = re.findall(r"\d \w{3,4} \d{4} (\d+)( yes)?", rows)
    assert sum(int(number) for number, during in counts if not during) == int(found[1])
    assert sum(int(number) for number, during in counts if during) == int(found[2]) > 0
    assert sum(bool(during) for _, during in counts) == 13
    assert "After it" not in said
    assert "It is evaluated when the deployment has ended." in said


def test_weeks_that_nobody_observed_are_gaps(world: World, visitor: Visitor) -> None:
    proposal = replace(PROPOSAL, country="BEN")
    made = replace(DEPLOYMENT.deployment, id="d2", proposal=proposal)
    with world.store.write() as connection:
        deployments.record(connection, replace(DEPLOYMENT, deployment=made))
    page = visitor(scopes=READS).get("/response/deployments/d2")
    assert 'class="gap"' in page.text
    assert "24 Feb 2020 not observed" in words(page)
    assert 'class="stay"' not in page.text


def test_without_the_scope_for_events_the_steps_are_still_there(visitor: Visitor) -> None:
    page = words(visitor(scopes={"deployments:read"}).get(PAGE))
    assert "an invented reason" in page
    assert "Your key may not read events." in page


def test_an_effect_is_shown_with_its_interval_and_what_weakens_it(
    world: World, visitor: Visitor
) -> None:
    estimate = Estimate("interrupted time series", 0.6, 0.31, 0.95, 40, 0.05)
    evaluated(
        world, effect_of(Verdict.FEWER, estimates=(estimate,), cautions=("No donors were named.",))
    )
    page = words(visitor().get("/response/deployments/d2"))
    assert "force against demonstrators: fewer" in page
    assert f"source {SOURCE}, at most" in page
    assert "interrupted time series 0.60 × as many 0.31–0.95 5.0% of 40 comparisons" in page
    assert "What weakens the answer No donors were named." in page
    assert "Effect fewer" in words(visitor().get("/response"))


def test_an_effect_that_is_not_identifiable_has_reasons_and_no_figures(
    world: World, visitor: Visitor
) -> None:
    why = "Only 3 of the 12 weeks were observed."
    evaluated(world, effect_of(Verdict.NOT_IDENTIFIABLE, reasons=(why,)))
    page = visitor(language="fr").get("/response/deployments/d2")
    assert "non identifiable à partir de ces données" in words(page)
    assert f'<ul lang="en"><li>{why}</li></ul>' in page.text
    assert "× " not in words(page).partition("Effe")[2]


def test_the_events_of_an_effect_are_those_of_its_source(world: World, visitor: Visitor) -> None:
    found = effect_of(Verdict.CHANCE)
    evaluated(world, replace(found, study=replace(found.study, source="another")))
    page = words(visitor().get("/response/deployments/d2"))
    assert "No source observed this country in these weeks." in page
    assert "Source another, weeks from 2 Dec 2019 to 24 Feb 2020" in page


def test_after_the_end_the_events_go_on(world: World, visitor: Visitor) -> None:
    sent(world, stage=Stage.ENDED)
    page = words(visitor().get("/response/deployments/d2"))
    assert re.search(r"During it: \d+ events in 12 weeks\. After it: \d+ events? in 1 week\.", page)


def test_an_effect_that_is_not_known_yet_says_so(world: World, visitor: Visitor) -> None:
    sent(world, stage=Stage.ENDED)
    assert "It is not evaluated yet" in words(visitor().get("/response/deployments/d2"))


def test_the_words_are_in_the_language_of_the_reader(visitor: Visitor) -> None:
    page = words(visitor(language="fr").get(PAGE))
    assert "proposé" in page
    assert "le Gouvernement" in page


def test_the_choice_of_a_country_is_in_the_links_to_the_data(visitor: Visitor) -> None:
    page = visitor().get(f"/response?where=TGO&theme=assembly&as_of={NOW.date() - timedelta(1)}")
    text = page.text
    asked = "country=TGO&amp;as_of=2020-03-01"
    assert f"/v1/deployments?{asked}" in text
    assert f"/v1/deployments?{asked}&amp;format=csv" in text
    assert f"/v1/recommendations?theme=assembly&amp;{asked}&amp;format=csv" in text
    assert '<option value="TGO" selected>' in text
    everywhere = visitor().get("/response").text
    assert 'href="/v1/deployments"' in everywhere
