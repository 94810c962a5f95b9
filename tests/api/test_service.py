"""Tests of sources, models, status, probes, metrics and errors over the API."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from api.app import create_app
from api.serving.problems import KINDS
from ewarn.domain.baseline import Baseline
from ewarn.domain.source import Health, VolumeDrop
from ewarn.domain.target import Basis
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import StoreError
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.jobs import jobs, leases
from ewarn.store.scores import scores
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import CLOSED_TERMS, LAST_ORIGIN, NOW, SOURCE, World
from tests.events import row

HOUR = timedelta(hours=1)


def test_sources_say_how_they_are_and_on_what_terms(world: World, asker: Asker) -> None:
    measured(world)
    (found,) = asker("BEN").items("/v1/sources")
    assert found["health"] == "ok"
    assert found["licence"] == "CC0-1.0"
    assert found["completeness"] == "observed in 75% of the last 12 weeks, over 1 country"
    world.terms["unread"] = CLOSED_TERMS
    unread = asker().items("/v1/sources")[1]
    assert (unread["health"], unread["completeness"]) == ("silent", "not scored yet")


def test_a_source_compiled_by_hand_claims_no_share(client: Client) -> None:
    (found,) = client.items("/v1/sources")
    assert found["completeness"] == "compiled by hand: a week without a row proves nothing"


def test_outages_are_told_to_those_whose_countries_they_are_in(world: World, asker: Asker) -> None:
    drops = [
        VolumeDrop(SOURCE, region, NOW.date(), 3, 61.23) for region in ("TGO", "BJ-LI", "FR-75C")
    ]
    (reported,) = world.sources()
    told = replace(reported, drops=lambda _: drops)
    app = create_app(world.state(sources=lambda: [told]))
    for countries, seen in (((), ["TGO", "BJ-LI", "FR-75C"]), (("BEN", "TGO"), ["TGO", "BJ-LI"])):
        (found,) = Client(app, asker(*countries).headers).items("/v1/sources")
        assert [outage["region"] for outage in found["outages"]] == seen
    assert found["outages"][0] == {
        "region": "TGO",
        "until": "2020-03-02",
        "records": 3,
        "expected": 61.2,
    }
    metrics = Client(app, asker().headers).get("/metrics").text
    assert 'ewarn_source_outages{source="invented"} 3.0' in metrics


def test_a_source_says_how_much_of_its_past_was_read(world: World, asker: Asker) -> None:
    (reported,) = world.sources()
    assert asker().items("/v1/sources")[0]["baseline"] is None
    told = replace(reported, baseline=lambda _: Baseline(SOURCE, 12, date(2019, 2, 11)))
    app = create_app(world.state(sources=lambda: [told]))
    (found,) = Client(app, asker("TGO").headers).items("/v1/sources")
    words = found["baseline"].pop("words")
    assert found["baseline"] == {
        "weeks_read": 12,
        "weeks_wanted": 52,
        "read_from": "2019-02-11",
        "is_whole": False,
    }
    assert words.startswith("12 of 52 weeks of its past were read")


@pytest.mark.parametrize("countries", [(), ("TGO",)])
def test_the_last_day_is_that_of_an_event_the_key_may_read(
    world: World, asker: Asker, countries: tuple[str, ...]
) -> None:
    asking = asker(*countries)
    (before,) = asking.items("/v1/sources")
    tomorrow, told = NOW.date() + timedelta(days=1), NOW - HOUR
    world.add_events(
        row("announced", occurred_on=tomorrow, known_at=told, tags="planned"),
        row("announced and past", occurred_on=NOW.date(), known_at=told, tags="planned"),
        row("to come", occurred_on=tomorrow, known_at=told),
        row("not known yet", occurred_on=NOW.date(), known_at=NOW + HOUR),
        row("withdrawn", occurred_on=NOW.date(), known_at=told - HOUR),
        row("withdrawn", occurred_on=NOW.date(), known_at=told, deleted=True),
    )
    world.add_events(row("recorded later", occurred_on=NOW.date(), known_at=told), at=NOW + HOUR)
    assert asking.items("/v1/sources") == [before]
    assert date.fromisoformat(before["last_event_on"]) < NOW.date()
    world.add_events(row("to be read", occurred_on=NOW.date(), known_at=told))
    (after,) = asking.items("/v1/sources")
    assert after["last_event_on"] == f"{NOW:%Y-%m-%d}"


def test_of_a_source_that_is_not_passed_on_no_day_and_no_volume_is_told(
    world: World, asker: Asker
) -> None:
    (before,) = asker().items("/v1/sources")
    world.terms[SOURCE] = CLOSED_TERMS
    (reported,) = world.sources()
    told = replace(reported, drops=lambda _: [VolumeDrop(SOURCE, "TGO", NOW.date(), 3, 61.23)])
    app = create_app(world.state(sources=lambda: [told]))
    (found,) = Client(app, asker().headers).items("/v1/sources")
    assert before["last_event_on"] is not None
    assert (found["last_event_on"], found["outages"]) == (None, [])


def measured(world: World) -> None:
    """Store the newest scores again, from a source that says which weeks it observed."""
    with world.store.read() as connection:
        runs = list(scores.latest_runs(connection, Cut.at(NOW)).values())
        found = scores.in_runs(connection, runs, scores.ScoreFilter())
    world.add_scores([replace(item, basis=Basis.CALIBRATED, recorded_at=NOW) for item in found])


def test_model_cards_show_only_what_is_listed(client: Client) -> None:
    assert client.items("/v1/models") == [{"model": "invented@1", "target": "force"}]


def test_model_cards_are_those_of_a_past_day(world: World, client: Client) -> None:
    began = midnight(date(2020, 2, 1))

    def cards(moment: datetime) -> list[dict[str, str]]:
        return [{"model": "young@1"}] if moment >= began else [{"model": "old@1"}]

    asking = Client(create_app(world.state(model_cards=cards)), client.headers)
    assert [each["model"] for each in asking.items("/v1/models")] == ["young@1"]
    then = asking.get("/v1/models?as_of=2020-01-31").json()
    assert [each["model"] for each in then["items"]] == ["old@1"]
    assert then["as_of"].startswith("2020-01-31T23:59:59")
    assert asking.get("/v1/models/young/scorecard?as_of=2020-01-31").status_code == 404
    assert asking.get("/v1/models/young/scorecard").status_code == 200


def test_status(world: World, client: Client) -> None:
    body = client.get("/v1/status").json()
    assert body["mode"] == "live"
    assert body["newest_origin"] == "2020-03-02"
    replay = Client(create_app(world.state(is_replay=True)), client.headers)
    assert replay.get("/v1/status").json()["mode"] == "replay"


def test_alive_although_the_database_is_gone(world: World) -> None:
    client = Client(create_app(_unreachable(world)))
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["type"] == "/problems#store-unavailable"
    assert "nowhere" not in ready.text
    assert client.get("/metrics").status_code == 401


def test_not_ready_before_the_migration(world: World, tmp_path: Any) -> None:
    empty = Store(f"sqlite:///{tmp_path}/empty.db")
    client = Client(create_app(replace(world.state(), store=empty)))
    assert client.get("/readyz").status_code == 503
    empty.dispose()


def test_ready(client: Client) -> None:
    assert client.get("/readyz").json() == {"status": "ok"}


def test_metrics_count_by_template_never_by_address(client: Client) -> None:
    client.get("/v1/alerts/a1")
    client.get("/v1/alerts/who-knows-what")
    client.get("/wp-admin")
    text = client.get("/metrics").text
    assert 'ewarn_requests_total{route="/v1/alerts/{id}",status="200"} 1.0' in text
    assert 'ewarn_requests_total{route="/v1/alerts/{id}",status="404"} 1.0' in text
    assert 'ewarn_requests_total{route="unknown",status="404"} 1.0' in text
    assert "who-knows-what" not in text
    assert 'ewarn_source_health{health="ok",source="invented"} 1.0' in text
    assert (
        sum(float(line.split()[1]) for line in text.splitlines() if "ewarn_open_alerts{" in line)
        == 1
    )


def test_metrics_tell_how_the_workers_are_doing(world: World, client: Client) -> None:
    text = client.get("/metrics").text
    assert "ewarn_job_overdue_seconds 0.0" in text
    assert "ewarn_job_failed{" not in text
    assert "\newarn_leader_lease_seconds " not in text
    with world.store.write() as connection:
        for name in ("score", "forget"):
            jobs.enqueue(connection, name, NOW - HOUR)
        run = jobs.claim(connection, NOW, {"forget"}, holder="one", length=HOUR)
        assert run is not None
        jobs.finish(connection, run, NOW, failure="the disk is full")
        leases.acquire(connection, leases.LEADER, "one", NOW - 2 * HOUR, HOUR)
    text = client.get("/metrics").text
    assert 'ewarn_job_failed{job="forget"} 1.0' in text
    assert "ewarn_job_overdue_seconds 3600.0" in text
    assert "ewarn_leader_lease_seconds -3600.0" in text


def test_metrics_name_nothing_to_who_may_not_see_all_of_it(world: World, asker: Asker) -> None:
    assert Client(create_app(world.state())).get("/metrics").status_code == 401
    partly = asker("TGO").get("/metrics")
    assert partly.status_code == 403
    assert partly.json()["type"] == "/problems#countries-required"
    assert "invented" not in partly.text
    assert asker().get("/metrics").status_code == 200


def test_two_applications_count_apart(world: World) -> None:
    headers = {"X-API-Key": world.key()}
    first, second = (Client(create_app(world.state()), headers) for _ in range(2))
    first.get("/healthz")
    assert '"/healthz"' not in second.get("/metrics").text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/v1", 404),
        ("POST", "/v1/scores", 405),
        ("GET", "/v1/scores?limit=1001", 422),
        ("GET", "/v1/scores?as_of=yesterday", 422),
        ("GET", "/v1/scores?as_of=2020-02-01T00:00:00", 422),
        ("GET", "/v1/scores?as_of=1500-01-01", 422),
        ("GET", "/v1/scores?as_of=0001-01-01T00:00:00%2B10:00", 422),
        ("GET", "/v1/scores?target=assembly", 422),
        ("GET", "/v1/scores?region=%00", 422),
        ("GET", "/v1/events?since=2020-2-1", 422),
        ("GET", "/v1/events?since=1", 422),
        ("GET", "/v1/events?format=xml", 422),
        ("GET", "/v1/scores?as_of=2031-01-01", 400),
        ("GET", "/v1/scores?cursor=%C3%A9", 400),
        ("GET", "/v1/scores?cursor=W10", 400),
        ("GET", "/v1/scores?cursor=W1.0", 400),
        ("GET", "/v1/events?cursor=WyIyMDIwLTAxLTAxIiwgMSwgMiwgM10", 400),
        ("GET", "/v1/alerts?cursor=WyIyMDIwLTAxLTAxIiwiMjAyMC0wMS0wMSIsNV0", 400),
        ("GET", "/v1/regions/%00", 404),
        ("GET", "/page/..%2Fapp.py", 404),
    ],
)
def test_every_refusal_is_a_problem(client: Client, method: str, path: str, status: int) -> None:
    answer = client.send(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["type"].removeprefix("/problems#") in KINDS
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_wrong_parameter_is_named(client: Client) -> None:
    body = client.get("/v1/events?limit=0&colour=red").json()
    assert {item["parameter"] for item in body["errors"]} == {"limit", "colour"}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=1&limit=2", {"limit"}),
        ("since=2020-01-01&since=2020-01-01&until=2020-02-01", {"since"}),
        ("since=2020-02-02&until=2020-02-01", {"since", "until"}),
    ],
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/alerts", "/v1/scores/history"])
def test_what_contradicts_itself_is_named(
    client: Client, path: str, query: str, named: set[str]
) -> None:
    answer = client.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert {item["parameter"] for item in answer.json()["errors"]} == named


def test_a_list_is_written_by_repeating(client: Client) -> None:
    found = client.items("/v1/scores?country=TGO&country=GHA&target=force&target=escalation")
    assert {item["country"] for item in found} == {"TGO", "GHA"}
    assert client.get("/v1/events?since=2020-02-01&until=2020-02-01").status_code == 200


def test_head_is_refused_as_get_is(client: Client) -> None:
    answer = client.send("HEAD", "/v1/scores?limit=0")
    assert (answer.status_code, answer.content) == (422, b"")
    assert client.send("HEAD", "/nothing").status_code == 404
    assert "head" not in client.get("/openapi.json").json()["paths"]["/healthz"]


def test_an_unexpected_error_tells_nothing(world: World, client: Client) -> None:
    def fail(_moment: datetime) -> Any:
        raise RuntimeError("the secret inside")

    broken = Client(create_app(world.state(model_cards=fail)), client.headers)
    answer = broken.get("/v1/models")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


def test_every_answer_has_safe_headers(client: Client) -> None:
    for path in ("/", "/v1/scores", "/healthz", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["referrer-policy"] == "same-origin"


def test_long_answers_are_packed(client: Client) -> None:
    assert client.get("/v1/scores").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/healthz").headers


def test_every_problem_is_explained(client: Client) -> None:
    ids = set(re.findall(r'id="([\w-]+)"', client.get("/problems").text))
    assert ids == set(KINDS)


def test_the_page_is_asked_after_by_its_tag(client: Client) -> None:
    first = client.get("/")
    again = client.get("/", {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def _unreachable(world: World) -> Any:
    def down(_now: Any) -> Any:
        raise StoreError("nowhere")

    source = replace(world.sources()[0], status=down)
    gone = Store("postgresql://nobody@127.0.0.1:1/nowhere")
    return world.state(store=gone, sources=lambda: [source])


def test_the_events_of_each_week_are_those_of_the_key_in_weeks_that_were_observed(
    world: World, asker: Asker
) -> None:
    asking = asker("TGO", "BEN")
    (before,) = asking.items("/v1/sources")
    weeks = before["events_by_week"]
    assert [week["week"] for week in weeks] == [
        f"{LAST_ORIGIN - number * WEEK}" for number in range(12, 0, -1)
    ]
    newest = LAST_ORIGIN - WEEK
    world.add_events(
        *(row(f"new{n}", country="TGO", region="TG-M", occurred_on=newest) for n in range(2)),
        row("deadly", kind="force", fatalities_low=2, country="TGO", occurred_on=newest),
        row("elsewhere", country="GHA", region="GHA", occurred_on=newest),
        row("this week", country="TGO", region="TGO", occurred_on=LAST_ORIGIN),
        row("not known yet", country="TGO", occurred_on=newest, known_at=NOW + HOUR),
        row("announced", country="TGO", occurred_on=newest, tags="planned"),
    )
    (after,) = asking.items("/v1/sources")
    assert after["events_by_week"][:-1] == weeks[:-1]
    assert after["events_by_week"][-1]["count"] == weeks[-1]["count"] + 3
    (unseen,) = asker("BEN").items("/v1/sources")
    assert [week["count"] is None for week in unseen["events_by_week"]] == [False] * 9 + [True] * 3


def test_refused_rows_are_those_of_the_last_weeks(world: World, asker: Asker) -> None:
    for weeks, number in ((1, 2), (2, 3), (13, 40)):
        read = runs.Run(
            SOURCE, NOW - weeks * WEEK, Health.OK, "read", Appended(), number, {}, LAST_ORIGIN
        )
        with world.store.write() as connection:
            runs.record_run(connection, runs.Reading(read))
    assert asker().items("/v1/sources")[0]["refused_rows"] == 5
    then = (NOW - 2 * WEEK).date()
    assert asker().items(f"/v1/sources?as_of={then}")[0]["refused_rows"] == 43
    assert asker().items("/v1/sources?fields=source")[0] == {"source": SOURCE}


def test_counts_that_may_not_be_passed_on_are_left_out(world: World, asker: Asker) -> None:
    world.terms[SOURCE] = CLOSED_TERMS
    assert asker().items("/v1/sources")[0]["events_by_week"] == []
