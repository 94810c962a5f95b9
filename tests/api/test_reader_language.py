"""Tests that notices are in the language that a request asks for, and in no other reader's."""

import csv
import io
import re

import pytest

from api.app import create_app
from ewarn.domain.deployment import Proposal
from ewarn.domain.time import WEEK
from ewarn.languages.catalogues import preferred_language
from ewarn.response.steps import propose
from ewarn.store.response import deployments
from tests.api.client import Client
from tests.api.world import NOW, World
from tests.stores import statements

FRENCH = {"Accept-Language": "fr-TG, fr;q=0.9, en;q=0.5"}
LATER = NOW + 10 * WEEK
SICK = "sources en défaut : invented est muette (rien depuis le 2 mars 2020, 00:00 UTC)"
SICK_IN_ENGLISH = "sources with problems: invented is silent (nothing since 2 Mar 2020, 00:00 UTC)"
LISTS = ("/v1/scores", "/v1/scores/history", "/v1/alerts", "/v1/events", "/v1/forecasts")
POLLED = ("/v1/scores?country=TGO", "/v1/alerts?limit=2", "/v1/forecasts")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("xx, tlh;q=0.9", "en"),
        ("fr", "fr"),
        ("FR-tg", "fr"),
        ("en;q=0.5, fr", "fr"),
        ("en, fr", "en"),
        ("en;q=0.2, fr;q=0.3", "fr"),
        ("fr;q=0", "en"),
        ("fr;q=0, *", "en"),
        ("fr; q = 0.7, en;q=0.1", "fr"),
        ("fr;q=much", "en"),
        (f"{'x,' * 5000}fr", "en"),
    ],
)
def test_the_language_is_the_one_that_the_header_likes_best(header: str, language: str) -> None:
    assert preferred_language(header) == language


@pytest.mark.parametrize("path", LISTS)
def test_the_notice_of_a_list_is_in_the_language_of_the_request(
    world: World, client: Client, path: str
) -> None:
    world.clock.now = LATER
    french, english = client.get(path, FRENCH), client.get(path)
    assert SICK in french.json()["notice"]
    assert SICK_IN_ENGLISH in english.json()["notice"]
    said = [each.headers["content-language"] for each in (french, english)]
    assert said == ["fr", "en"]
    for answer in (french, english):
        assert "Accept-Language" in answer.headers["vary"]


@pytest.mark.parametrize("path", POLLED)
def test_no_reader_gets_the_language_of_another(world: World, client: Client, path: str) -> None:
    world.clock.now = LATER
    english, french = client.get(path), client.get(path, FRENCH)
    assert english.headers["etag"] != french.headers["etag"]
    for headers, first in (({}, english), (FRENCH, french)):
        again = client.get(path, headers)
        assert (again.text, again.headers["etag"]) == (first.text, first.headers["etag"])
        for other in (english, french):
            tag = other.headers["etag"]
            asked = client.get(path, {**headers, "If-None-Match": tag})
            assert asked.status_code == (304 if other is first else 200)
            assert "Accept-Language" in asked.headers["vary"]


def test_a_kept_answer_serves_all_headers_that_mean_the_same_language(
    world: World, client: Client
) -> None:
    client.get("/v1/events?limit=1")  # it stores the use of the key
    first = client.get(POLLED[0], FRENCH)
    with statements(world.store) as seen:
        again = client.get(POLLED[0], {"Accept-Language": "fr"})
    assert seen == []
    assert (again.text, again.headers["etag"]) == (first.text, first.headers["etag"])


def test_every_row_has_its_notice_in_the_language(world: World, client: Client) -> None:
    world.clock.now = LATER
    rows = client.get("/v1/scores?country=TGO,NGA", FRENCH).json()["items"]
    assert {row["notice"].partition(" :")[0] for row in rows if row["id"]} == {"illustration"}
    (nigeria, *_) = [row for row in rows if row["id"] is None]
    assert nigeria["notice"] == "aucune source ne l'observe"
    forecast = client.get("/v1/forecasts?country=BEN", FRENCH).json()
    assert "pas de prévision pour ce pays" in forecast["items"][-1]["notice"]
    (alert, *_) = client.get("/v1/alerts?country=TGO", FRENCH).json()["items"]
    assert "paramètres d'une autre source" in alert["notice"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/scores/{score}", "paramètres d'une autre source"),
        ("/v1/scores/{score}/drivers", "paramètres d'une autre source"),
        ("/v1/alerts/a1", SICK),
    ],
)
def test_one_record_has_its_notice_in_the_language(
    world: World, client: Client, path: str, said: str
) -> None:
    score = client.get("/v1/scores?region=TGO").json()["items"][0]["id"]
    world.clock.now = LATER
    answer = client.get(path.format(score=score), FRENCH)
    assert said in answer.json()["notice"]
    assert answer.headers["content-language"] == "fr"


def test_the_answer_to_an_act_has_its_notice_in_the_language(world: World, client: Client) -> None:
    world.clock.now = LATER
    answer = client.send(
        "POST", "/v1/alerts/a1/acknowledge", FRENCH, json={"reason": "an invented reason"}
    )
    assert answer.status_code == 200, answer.text
    assert SICK in answer.json()["notice"]


def test_old_scores_are_named_with_a_day_of_the_language(world: World, client: Client) -> None:
    world.clock.now = LATER
    notice = client.get("/v1/scores", FRENCH).json()["notice"]
    assert "les scores les plus récents sont du 2 mars 2020 :" in notice
    assert re.search(r"\w; ", notice) is None, "the semicolon of the language"


def test_a_file_is_in_the_language_and_its_header_in_english(world: World, client: Client) -> None:
    world.clock.now = LATER
    answer = client.get("/v1/scores?format=csv", FRENCH)
    assert SICK_IN_ENGLISH in answer.headers["x-notice"]
    assert answer.headers["x-notice"].isascii()
    assert answer.headers["content-language"] == "fr"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert all("paramètres d'une autre source" in row["notice"] for row in rows)
    geojson = client.get("/v1/alerts?format=geojson", FRENCH)
    assert SICK in geojson.json()["notice"]
    assert SICK_IN_ENGLISH in geojson.headers["x-notice"]


def test_an_answer_without_a_notice_has_no_language(client: Client) -> None:
    for path in ("/v1/regions?country=TGO", "/v1/regions/TGO"):
        answer = client.get(path, FRENCH)
        assert answer.status_code == 200
        assert "content-language" not in answer.headers


def test_a_brief_names_its_own_language(client: Client) -> None:
    for format_ in ("json", "html"):
        answer = client.get(f"/v1/regions/TGO/brief?language=en&format={format_}", FRENCH)
        assert answer.headers["content-language"] == "en"


def test_sources_say_how_they_are_in_the_language(world: World, client: Client) -> None:
    world.clock.now = LATER
    answer = client.get("/v1/sources", FRENCH)
    (source,) = [each for each in answer.json()["items"] if each["source"] == "invented"]
    assert source["reason"] == "un fichier importé dont les semaines sont passées"
    assert (
        source["completeness"] == "compilée à la main\u00a0: une semaine sans ligne ne prouve rien"
    )
    assert answer.headers["content-language"] == "fr"
    assert client.get("/v1/sources").headers["content-language"] == "en"


@pytest.mark.parametrize("path", ["/v1/deployments", "/v1/deployments/d9"])
def test_the_notice_of_a_deployment_is_in_the_language_if_it_was_recorded(
    world: World, client: Client, path: str
) -> None:
    recorded = {"en": "an invented notice", "fr": "un avis inventé", "es": "un aviso inventado"}
    proposal = Proposal("TGO", ("officer",), 4, "the Government", "office", notice=recorded)
    with world.store.write() as connection:
        deployments.record(connection, propose("d9", proposal, "Ama", NOW, "why"))

    def notice(language: str) -> tuple[str, str]:
        answer = client.get(path, {"Accept-Language": language})
        body = answer.json()
        (item,) = [each for each in body.get("items", [body]) if each["id"] == "d9"]
        return item["notice"], answer.headers["content-language"]

    assert notice("fr") == ("un avis inventé", "fr")
    assert notice("en") == ("an invented notice", "en")


def test_a_deployment_without_a_notice_of_the_language_has_the_english_one(
    world: World, client: Client
) -> None:
    proposal = Proposal(
        "TGO", ("officer",), 4, "the Government", "office", notice={"en": "an invented notice"}
    )
    with world.store.write() as connection:
        deployments.record(connection, propose("d9", proposal, "Ama", NOW, "why"))
    assert client.get("/v1/deployments/d9", FRENCH).json()["notice"] == "an invented notice"


def test_an_import_says_what_is_wrong_with_each_row_in_the_language(client: Client) -> None:
    rows = (
        "country,body,text,owner,given_on,colour",
        "TGO,upr,Publish the rules.,regional office,soon,red",
        "TGO,upr,,regional office,2019-11-04,",
        "TGO,pigeon,Of no body.,regional office,2019-11-04,",
        "XXX,upr,Of no country.,regional office,2019-11-04,",
        "TGO,upr,Of a person.,Mme Example,2019-11-04,",
        "TGO,upr,Of tomorrow.,regional office,2031-11-04,",
    )
    answer = client.send(
        "POST",
        "/v1/recommendations/import",
        {**FRENCH, "Content-Type": "text/csv"},
        content="\n".join(rows).encode(),
    )
    said = [each["reason"] for each in answer.json()["rejected"]]
    assert [each.replace("\u00a0", " ") for each in said] == [
        "given_on : 'soon' n’est pas un jour de 1900 à 2100 écrit AAAA-MM-JJ",
        "text est vide",
        "body : 'pigeon' ne fait pas partie de mission, upr, treaty_body, special_procedure",
        "le pays 'XXX' n’est pas couvert par cette clé",
        "le responsable : indiquez une fonction ou un bureau, sans titre, ni adresse, ni numéro de "
        "téléphone",
        "given_on est le 4 nov. 2031, donc dans l’avenir",
    ]
    assert answer.json()["warnings"] == ["la colonne 'colour' n’est pas connue et a été ignorée"]
    assert answer.headers["content-language"] == "fr"


def test_an_unknown_language_is_answered_in_english(world: World, client: Client) -> None:
    world.clock.now = LATER
    for header in ("*", "xx", "", "es"):
        answer = client.get("/v1/scores", {"Accept-Language": header})
        assert SICK_IN_ENGLISH in answer.json()["notice"]
        assert answer.headers["content-language"] == "en"


def test_a_new_service_gives_the_same_answer_in_each_language(world: World, client: Client) -> None:
    world.clock.now = LATER
    for headers in (FRENCH, {}):
        for path in POLLED:
            kept = client.get(path, headers)
            fresh = Client(create_app(world.state()), client.headers).get(path, headers)
            assert (kept.text, kept.headers["etag"]) == (fresh.text, fresh.headers["etag"])
