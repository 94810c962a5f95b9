"""Tests that a key without a licence gets the same bytes as if the source did not exist."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ewarn.domain.alert import AlertState, ChangeKind
from ewarn.domain.delivery import Message
from ewarn.domain.score import SourceFooting
from ewarn.domain.source import Coverage, Health, Terms, of_office
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.delivery import outbox
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.scores import scores
from tests.api.client import Client
from tests.api.test_scope import ADMIN, PATHS, READER
from tests.api.world import LAST_ORIGIN, NOW, World
from tests.events import row

CLOSED = Terms("an owner", "closed", redistribute=False, train=False, url="https://example.org")
STATED = CLOSED.stated("acled", "own-desk")
OF_DAKAR = replace(CLOSED, readers=of_office("dakar"))
ALERT = "a-held"
CHANGING = ("ewarn_request", "process_", "python_")


def appear(world: World, source: str, terms: Terms) -> str:
    """Store events, scores and an alert of a source. Return the id of one of its scores."""
    world.terms[source] = terms
    newest = LAST_ORIGIN - WEEK
    for number in range(6):
        day = newest + timedelta(days=number)
        world.add_events(
            row(
                f"{source}-{number}",
                source=source,
                kind="force",
                occurred_on=day,
                country="TGO",
                region="TG-M",
                location_precision="admin1",
                fatalities_low=1,
            )
        )
    covered = [Coverage(source, "TGO", date(2019, 1, 7), newest)]
    with world.store.write() as connection:
        reading = runs.Run(source, NOW, Health.OK, "all read", Appended(), 0, {}, newest)
        runs.record_run(connection, runs.Reading(reading, covered=covered))
        found = scores.in_runs(
            connection,
            list(scores.latest_runs(connection, Cut.at(NOW)).values()),
            scores.ScoreFilter(countries=("TGO",)),
        )
    footing = (SourceFooting(source, Health.OK, 1.0),)
    made = [
        replace(
            item,
            sources=footing,
            model="detector@4",
            basis=Basis.UNCALIBRATED,
            probability=None,
            low=None,
            high=None,
            recorded_at=NOW,
            drivers=tuple(
                replace(driver, signal=f"{source}:force", event_ids=(f"{source}-1",))
                for driver in item.drivers
            ),
        )
        for item in found
    ]
    run = world.add_scores(made, NOW, source=source)
    with world.store.write() as connection:
        (first, *_) = scores.in_runs(connection, [run], scores.ScoreFilter(regions=("TGO",)))
        (old,) = alerts.find(connection, alerts.AlertFilter(ids=("a1",)), NOW)
        message = Message(f"to-{source}", "webhook", "x", "A held one", "", {}, NOW)
        outbox.enqueue(connection, [("dakar:log", message)], readers=terms.readers)
    opened = replace(
        old,
        id=ALERT,
        state=AlertState.OPEN,
        score_id=first.id,
        opened_on=NOW.date(),
        readers=terms.readers,
    )
    world.change(opened, ChangeKind.OPENED, NOW, "an invented reason")
    return first.id


def answers(client: Client, *more: str) -> dict[str, tuple[int, str, str | None]]:
    """Return status, text without durations, and entity tag of each path."""
    found = {path: client.get(path) for path in (*PATHS, *more)}
    return {
        path: (answer.status_code, _lasting(answer.text), answer.headers.get("etag"))
        for path, answer in found.items()
    }


def _lasting(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(
        line
        for line in lines
        if not line.removeprefix("# HELP ").removeprefix("# TYPE ").startswith(CHANGING)
    )


HISTORY = (
    "/v1/scores/history?region=TGO",
    "/v1/scores?format=csv",
    "/v1/events?format=csv",
    "/v1/alerts?format=csv",
    "/v1/alerts?state=open",
    "/v1/regions/TGO/brief?format=html",
    "/v1/models/detector/scorecard",
    "/v1/events?source=held",
)


@pytest.mark.parametrize("scopes", [READER, ADMIN], ids=["a reader", "an administrator"])
@pytest.mark.parametrize(
    "licences", [(), ("polecat",), ("office:dakar",)], ids=["none", "another", "an office's"]
)
def test_who_lacks_the_licence_sees_no_difference(
    world: World,
    asker: Callable[..., Client],
    scopes: frozenset[str],
    licences: tuple[str, ...],
) -> None:
    client = asker(scopes=scopes, licences=licences)
    before = answers(client, *HISTORY)
    score_id = appear(world, "held", STATED)
    after = answers(client, *HISTORY)
    assert {path for path in before if before[path] != after[path]} == set()
    for path in (
        f"/v1/scores/{score_id}",
        f"/v1/scores/{score_id}/drivers",
        f"/v1/alerts/{ALERT}",
        "/v1/events/held/held-1/versions",
        "/v1/events/held/held-1/links",
        "/v1/deliveries/to-held",
    ):
        assert client.get(path).status_code == 404, path
    assert client.send("POST", f"/v1/alerts/{ALERT}/close", json={"reason": "x"}).status_code in (
        403,
        404,
    )


def test_who_carries_it_sees_all_of_it(world: World, asker: Callable[..., Client]) -> None:
    client = asker(scopes=ADMIN, licences=("acled",))
    before = answers(client)
    score_id = appear(world, "held", STATED)
    changed = {path for path, answer in answers(client).items() if answer != before[path]}
    assert changed >= {
        "/metrics",
        "/v1/alerts",
        "/v1/deliveries",
        "/v1/events",
        "/v1/regions/TG-M/series",
        "/v1/regions/TGO/brief",
        "/v1/scores",
        "/v1/sources",
        "/v1/status",
    }
    for path in (
        f"/v1/scores/{score_id}",
        f"/v1/alerts/{ALERT}",
        "/v1/events/held/held-1/versions",
        "/v1/deliveries/to-held",
    ):
        assert client.get(path).status_code == 200, path
    drivers = client.items(f"/v1/scores/{score_id}/drivers")
    assert [event["source_event_id"] for event in drivers[0]["events"]] == ["held-1"]
    closed = client.send("POST", f"/v1/alerts/{ALERT}/close", json={"reason": "x"})
    assert closed.status_code == 200


def test_a_licence_that_is_no_longer_stated_shows_nothing(
    world: World, asker: Callable[..., Client]
) -> None:
    client = asker(scopes=ADMIN, licences=("acled",))
    score_id = appear(world, "held", STATED)
    world.terms["held"] = CLOSED
    for path in (f"/v1/scores/{score_id}", f"/v1/alerts/{ALERT}", "/v1/deliveries/to-held"):
        assert client.get(path).status_code == 404, path
    for path in ("/v1/scores", "/v1/events", "/v1/alerts", "/v1/regions/TGO/series"):
        assert "held" not in client.get(path).text, path


def test_an_office_sees_the_counts_of_its_reports_and_no_row(
    world: World, asker: Callable[..., Client]
) -> None:
    office, other = (asker("TGO", licences=held) for held in (("office:dakar",), ()))
    before = answers(other, *HISTORY)
    score_id = appear(world, "kobo", OF_DAKAR)
    assert answers(other, *HISTORY) == before
    found = office.get("/v1/regions/TG-M/series").json()["series"]
    series = {each["signal"]: each["counts"] for each in found}
    assert series["kobo:force"][-1] == 6
    assert office.get(f"/v1/scores/{score_id}").status_code == 200
    assert office.get(f"/v1/alerts/{ALERT}").status_code == 200
    assert office.get("/v1/events?source=kobo").json()["items"] == []
    for path in ("/v1/events/kobo/kobo-1/versions", "/v1/events/kobo/kobo-1/links"):
        assert office.get(path).status_code == 404
    drivers = office.items(f"/v1/scores/{score_id}/drivers")
    assert [driver.get("events") for driver in drivers] == [[] for _ in drivers]
    assert other.get(f"/v1/alerts/{ALERT}").status_code == 404


def test_a_score_that_is_supposed_tells_nothing_of_such_a_source(
    world: World, asker: Callable[..., Client]
) -> None:
    asked = {
        "region": "TGO",
        "target": "force",
        "probability": 0.9,
        "observed": 3,
        "source": "held",
    }
    without, holder = asker(scopes=ADMIN), asker(scopes=ADMIN, licences=("acled",))
    before = without.post("/v1/rules/dry-run", asked).json()
    appear(world, "held", STATED)
    assert without.post("/v1/rules/dry-run", asked).json() == before
    known = {each["alert"] for each in holder.post("/v1/rules/dry-run", asked).json()["rules"]}
    assert ALERT in known
