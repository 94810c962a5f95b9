"""Tests that regions that nobody observed are rows that say so, not missing and not low."""

import pytest

from ewarn.domain.source import Coverage, Health
from ewarn.domain.time import WEEK
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import LAST_ORIGIN, NOW, World


def rows(client: Client, query: str) -> list[dict[str, object]]:
    """Return the rows of a list that have no score."""
    return [item for item in client.items(f"/v1/scores?{query}") if item["id"] is None]


def test_a_country_that_nobody_observes_is_a_row_that_says_so(client: Client) -> None:
    (row,) = rows(client, "country=NGA,TGO&target=force")
    assert (row["region"], row["region_name"], row["level"]) == ("NGA", "Nigeria", "country")
    assert (row["probability"], row["band"], row["origin"]) == (None, None, None)
    assert (row["is_observed"], row["unobserved_since"]) == (False, None)
    assert row["notice"] == "no source observes it"
    assert [each["target"] for each in rows(client, "country=NGA")] == ["force", "escalation"]


def test_since_when_is_said_where_it_was_once_observed(world: World, client: Client) -> None:
    covered = [Coverage("old", "NGA", LAST_ORIGIN - 60 * WEEK, LAST_ORIGIN - 40 * WEEK)]
    run = runs.Run("old", NOW, Health.OK, "read", Appended(), 0, {}, None)
    with world.store.write() as connection:
        runs.record_run(connection, runs.Reading(run, covered=covered))
    (row,) = rows(client, "country=NGA&target=force")
    assert row["unobserved_since"] == "2019-06-03T00:00:00+00:00"
    assert row["notice"] == "no source has observed it since 3 Jun 2019"


def test_an_office_s_countries_are_all_there(client: Client) -> None:
    office = next(each for each in client.items("/v1/offices") if each["id"] == "dakar")
    items = client.items("/v1/scores?office=dakar&level=country&target=force")
    assert {item["country"] for item in items} == set(office["countries"])
    bare = {item["country"] for item in items if item["id"] is None}
    assert bare == set(office["countries"]) - {"BEN", "BFA", "GHA", "TGO"}


@pytest.mark.parametrize("query", ["", "target=force", "level=country", "level=admin1"])
def test_a_list_of_everything_has_no_such_rows(client: Client, query: str) -> None:
    assert rows(client, query) == []


def test_regions_are_rows_where_they_are_asked_for(client: Client) -> None:
    assert [row["region"] for row in rows(client, "region=NG-LA,TG-M&target=force")] == ["NG-LA"]
    assert rows(client, "region=NG-LA&level=country") == []
    assert len(rows(client, "country=NGA&level=admin1&target=force")) == 37
    assert rows(client, "country=TGO&level=admin1") == []


def test_they_end_the_last_page_and_the_file(client: Client) -> None:
    first = client.get("/v1/scores?country=NGA,TGO&limit=1&level=country&target=force").json()
    assert [item["region"] for item in first["items"]] == ["TGO", "NGA"]
    first = client.get("/v1/scores?country=NGA,TGO&limit=1&level=country").json()
    assert [item["region"] for item in first["items"]] == ["TGO"]
    text = client.get("/v1/scores?country=NGA&format=csv&target=force").text
    header, row = (line.split(",") for line in text.splitlines())
    cells = dict(zip(header, row, strict=True))
    assert (cells["region"], cells["probability"], cells["is_observed"]) == ("NGA", "", "false")


def test_a_poll_learns_of_what_was_observed_since(world: World, client: Client) -> None:
    path = "/v1/scores?country=NGA"
    etag = client.get(path).headers["etag"]
    assert client.get(path, {"If-None-Match": etag}).status_code == 304
    test_since_when_is_said_where_it_was_once_observed(world, client)
    assert client.get(path, {"If-None-Match": etag}).status_code == 200


def test_a_key_sees_rows_of_its_countries_alone(asker: Asker) -> None:
    assert asker("TGO").get("/v1/scores?country=NGA").status_code == 404
    assert rows(asker("TGO"), "office=dakar") == []


def test_a_week_that_was_not_observed_is_said_with_its_score(client: Client) -> None:
    (blind,) = client.items("/v1/scores?region=BEN&target=force")
    assert not blind["is_observed"]
    assert "its last week was not observed" in blind["notice"]
    (seen,) = client.items("/v1/scores?region=TGO&target=force")
    assert seen["is_observed"]


def test_the_brief_says_it(client: Client) -> None:
    made = client.get("/v1/regions/NGA/brief?language=fr").json()
    assert [each["words"] for each in made["unobserved"]] == ["aucune source ne l'observe"] * 2
    html = client.get("/v1/regions/NGA/brief?language=fr&format=html").text
    assert "aucune source ne l&#39;observe" in html
    benin = client.get("/v1/regions/BEN/brief?language=en&format=html").text
    assert "its last week was not observed" in benin
    assert client.get("/v1/regions/TGO/brief").json()["unobserved"] == []
