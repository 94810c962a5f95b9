"""Tests of the first page: levels, what is new, what stands, and what is not observed."""

from dataclasses import replace
from datetime import date, timedelta

import orjson
import pytest

from api.app import create_app
from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.baseline import Baseline
from ewarn.domain.score import Score
from ewarn.domain.target import Band, Basis
from ewarn.domain.time import DAY, WEEK
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import scores
from tests.api.pages.conftest import Visitor
from tests.api.pages.person import Person, words
from tests.api.test_partners import LIMITS
from tests.api.world import NOW, World


def newest(world: World) -> list[Score]:
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        return scores.in_runs(connection, runs, scores.ScoreFilter())


def test_it_shows_places_levels_and_intervals_the_most_serious_first(visitor: Visitor) -> None:
    page = words(visitor().get("/"))
    assert "Scores" not in page
    assert "scores of 2 March 2020" in page
    order = [page.index(name) for name in ("Maritime Togo", "Plateaux Togo")]
    assert order == sorted(order)
    assert "critical 43% 26%–69%" in page


def test_the_change_is_since_the_week_before(world: World, visitor: Visitor) -> None:
    with world.store.read() as connection:
        origin = (NOW - WEEK).date()
        runs = scores.latest_runs(connection, Cut.at(NOW), origin=origin).values()
        before = _maritime(scores.in_runs(connection, list(runs), scores.ScoreFilter()))
    change = (_maritime(newest(world)) - before) * 100
    row = words(visitor().get("/?where=TGO")).partition("Maritime")[2].partition("by hand")[0]
    assert f"▲ +{change:.1f} points" in row


def _maritime(found: list[Score]) -> float:
    """Return the probability of lethal force in one region."""
    (mine,) = (each for each in found if (each.region, each.target) == ("TG-M", "force"))
    assert mine.probability is not None
    return mine.probability


def test_everything_is_in_the_address(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/?where=TGO&target=escalation&level=country&as_of=2020-02-20").text
    for chosen in (
        'value="TGO" selected',
        'value="escalation" selected',
        'value="country" selected',
    ):
        assert chosen in page
    assert 'name="as_of" value="2020-02-20"' in page
    assert (
        "/v1/scores?target=escalation&amp;level=country&amp;as_of=2020-02-20&amp;country=TGO"
        in page
    )


@pytest.mark.parametrize(
    ("query", "words_"),
    [
        ("target=peace", "none of force, escalation, killings"),
        ("level=city", "none of country, admin1"),
        ("where=ATL", "There is no region"),
        ("as_of=yesterday", "is not a day, as 2017-08-21"),
        ("as_of=2031-01-01", "is after the service's clock"),
    ],
)
def test_a_wrong_choice_is_refused_in_words(visitor: Visitor, query: str, words_: str) -> None:
    page = visitor().get(f"/?{query}")
    assert page.status_code in (400, 404, 422)
    assert words_ in words(page)


def test_only_what_the_key_covers_is_there(visitor: Visitor) -> None:
    person = visitor("BEN")
    page = person.get("/").text
    assert "Togo" not in page
    assert "Benin" in page
    outlines = person.get("/page-outlines.json").json()
    assert {each["id"] for each in outlines["countries"]} == {"BEN"}
    assert person.get("/page-outlines.json?country=TGO").json() is None
    assert person.get("/?where=TGO").status_code == 404


def test_a_region_that_nobody_observes_says_so(visitor: Visitor) -> None:
    page = words(visitor().get("/?where=NGA&level=country"))
    assert "Nigeria not observed" in page


def test_new_alerts_are_apart_from_open_ones_and_standing_situations(
    world: World, visitor: Visitor
) -> None:
    with world.store.read() as connection:
        found = replace(alerts.standing(connection)[0], country="TGO", state=AlertState.OPEN)
    for number, changed in enumerate(
        (
            {"opened_on": (NOW - DAY).date(), "warned_on": (NOW - DAY).date()},
            {"opened_on": (NOW - 9 * WEEK).date(), "warned_on": (NOW - 9 * WEEK).date()},
            {"opened_on": (NOW - 99 * WEEK).date(), "situation": True},
        )
    ):
        made = replace(found, id=f"x{number}", region=f"TG-{'KMC'[number]}", **changed)  # type: ignore[arg-type]
        world.change(made, ChangeKind.OPENED, NOW, "an invented reason")
    page = words(visitor().get("/?where=TGO"))
    new, _, rest = page.partition("other open alert")
    open_, _, standing = rest.partition("standing situation")
    assert "Kara, Togo" in new
    assert "Maritime, Togo" in open_
    assert "Centre, Togo" in standing.partition("Map")[0]


def test_without_news_it_says_so(world: World, visitor: Visitor) -> None:
    world.clock.now = NOW + 20 * WEEK
    page = words(visitor().get("/"))
    assert "No alert was opened or raised in the last seven days." in page
    assert "the newest scores are of 2 Mar 2020: nothing has been scored since" in page
    assert "nothing has been scored since 2 Mar 2020, so no alert could open" in page
    assert "invented nothing newer" in page
    french = words(visitor(language="fr").get("/"))
    assert "sources en défaut : invented est muette (rien depuis le 2 mars 2020" in french
    assert "les scores les plus récents sont du 2 mars 2020 : rien n’a été évalué" in french
    for english in ("sources with problems", "is silent", "the newest scores", "nothing has been"):
        assert english not in french


def test_what_the_key_may_not_read_is_not_shown_as_calm(world: World, visitor: Visitor) -> None:
    scores_alone = visitor(scopes={"scores:read"})
    for path in ("/", "/regions/TG-M"):
        page = words(scores_alone.get(path))
        assert "Your key may not read alerts." in page
        assert "No alert was" not in page


def test_the_past_is_kept_from_page_to_page(visitor: Visitor) -> None:
    page = visitor().get("/?where=TGO&as_of=2020-02-20").text
    for link in ("/alerts?as_of=2020-02-20&amp;where=TGO", "/alerts/a1?as_of=2020-02-20"):
        assert f'href="{link}"' in page
    assert "As known on</strong>" in page


def test_the_week_after_the_last_but_one_is_now(visitor: Visitor) -> None:
    person = visitor()
    page = person.get("/?where=TGO&as_of=2020-03-01").text
    assert '<a class="button" href="/?where=TGO">a week later' in page


def test_without_scores_it_says_why_and_that_this_is_not_calm(world: World) -> None:
    past = Baseline("invented", 12, date(2019, 2, 11))
    (known,) = world.sources()
    waiting = replace(known, baseline=lambda _: past)
    person = Person(create_app(world.state(sources=lambda: [waiting])))
    person.sign_in(world.key("NGA"))
    page = words(person.get("/"))
    assert "invented: 12 of 52 weeks of its past were read. Before 26 weeks are read" in page
    assert "Without scores no alert can open. That does not mean that there is no risk." in page


def test_an_uncalibrated_source_shows_counts_and_no_probability(
    world: World, visitor: Visitor
) -> None:
    bare = {"probability": None, "low": None, "high": None, "members": ()}
    made = [
        replace(
            each,
            basis=Basis.UNCALIBRATED,
            band=Band.UNCALIBRATED,
            observed=9,
            expected=2.0,
            upper=4.0,
            false_discovery=0.0005,
            **bare,  # type: ignore[arg-type]
        )
        for each in newest(world)
    ]
    world.add_scores(made, at=NOW + timedelta(minutes=1))
    world.clock.now = NOW + timedelta(minutes=2)
    text = visitor().get("/").text
    page = words(visitor().get("/"))
    assert "Expected / bound" in page
    assert "critical 9 2.0 / 4.0" in page
    assert "Probability" not in page
    levels = orjson.loads(text.partition('id="levels">')[2].partition("<")[0])
    assert set(levels.values()) == {"critical"}


def test_killings_are_a_choice(visitor: Visitor) -> None:
    page = words(visitor().get("/?target=killings"))
    assert "How likely is a killing of civilians by forces of a state" in page
    assert "There are no scores for this choice." in page


def test_the_fresh_part_is_small_and_not_sent_twice(visitor: Visitor) -> None:
    person = visitor()
    part = person.get("/?where=TGO&part=fresh")
    assert "<html" not in part.text
    assert "Maritime" in part.text
    again = person.get("/?where=TGO&part=fresh", {"If-None-Match": part.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_partner_sees_the_scores_and_no_sources(world: World, visitor: Visitor) -> None:
    person = visitor("TGO", scopes={"scores:read", "alerts:read"}, partner=LIMITS)
    assert person.get("/").status_code == 200


def test_a_key_that_reads_no_scores_gets_a_sentence(visitor: Visitor) -> None:
    page = visitor(scopes={"events:read"}).get("/")
    assert page.status_code == 403
    assert "lacks the scope scores:read" in words(page)


def test_names_of_people_who_act_are_escaped(visitor: Visitor) -> None:
    page = visitor(name="<b>Ama</b>").get("/")
    assert "<b>Ama</b>" not in page.text
    assert "&lt;b&gt;Ama" in page.text


def test_the_map_has_every_region_of_the_choice(visitor: Visitor) -> None:
    person = visitor()
    found = person.get("/page-outlines.json?country=TGO").json()
    assert {each["id"] for each in found["regions"]} == {"TG-C", "TG-K", "TG-M", "TG-P", "TG-S"}
    assert all(each["path"].startswith("M") for each in found["regions"])
    country = person.get("/page-outlines.json?country=TGO&level=country").json()
    assert (len(country["countries"]), country["regions"]) == (1, [])


def test_in_french_no_english_is_left(visitor: Visitor) -> None:
    page = words(visitor(language="fr").get("/?where=TGO"))
    assert "Situation" in page
    for english in ("New this week", "Where", "Level", "everywhere", "critical", "Observed"):
        assert english not in page
    assert "critique" in page
    assert "paramètres d'une autre source" in page
