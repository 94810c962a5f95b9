"""Tests of files of records, each read by a program that is not ours."""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import geopandas
import httpx
import hxl
import openpyxl
import pandas as pd
import pytest
from geojson_pydantic import FeatureCollection
from shapely.geometry import Point
from structlog.testing import capture_logs

from api.formats import csv_file, parquet, xlsx
from api.formats.document import Document, Record
from api.serving import answers, queries
from ewarn.domain.source import Health
from ewarn.errors import StoreError
from ewarn.places.gazetteer import load_gazetteer
from ewarn.store.scores import score_pages
from tests.api.client import Client
from tests.api.fixtures import Asker
from tests.api.world import CLOSED_TERMS, LAST_ORIGIN, NOW, World, scores_of
from tests.events import row
from tests.serving import served

LISTS = ("/v1/scores", "/v1/scores/history?until=2019-12-02", "/v1/alerts", "/v1/events")
FILES = ("csv", "geojson", "parquet", "xlsx")
DAY = LAST_ORIGIN  # no other event is of this day
EVIL = '=HYPERLINK("http://example.org")'


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file need several pages and row groups."""
    monkeypatch.setattr(queries, "FILE_PAGE", 7)
    monkeypatch.setattr(parquet, "ROWS", 10)


def fetched(client: Client, path: str, format_: str) -> bytes:
    """Return a list as a file."""
    answer = client.get(f"{path}{'&' if '?' in path else '?'}format={format_}")
    assert answer.status_code == 200, answer.text
    return answer.content


def read(client: Client, path: str, format_: str) -> pd.DataFrame:
    """Return a list as pandas or geopandas reads it from a file."""
    file = io.BytesIO(fetched(client, path, format_))
    if format_ == "csv":
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    if format_ == "xlsx":
        return pd.read_excel(file, dtype=str, engine="openpyxl")
    return pd.read_parquet(file) if format_ == "parquet" else geopandas.read_file(file)


@pytest.mark.parametrize("path", LISTS)
def test_a_file_holds_the_whole_list_in_its_order(client: Client, path: str) -> None:
    name = "source_event_id" if path == "/v1/events" else "id"
    join = "&" if "?" in path else "?"
    listed = [item[name] for item in client.items(f"{path}{join}limit=1000")]
    assert len(listed) >= (2 if path == "/v1/alerts" else 20)
    page = client.get(f"{path}{join}limit=1").json()["next"].replace("limit=1&", "")
    for format_ in FILES:
        assert [*map(str, read(client, path, format_)[name])] == listed
        assert [*map(str, read(client, page, format_)[name])] == listed[1:], "from a cursor on"


def test_a_page_of_a_file_is_a_page(client: Client) -> None:
    page = client.get("/v1/events?format=csv&limit=3")
    assert len(page.text.splitlines()) == 4
    following = page.headers["link"].partition(">")[0].removeprefix("<")
    assert "format=csv&limit=3&cursor=" in following
    assert (
        client.get(following).text.splitlines()[1:]
        == (client.get("/v1/events?format=csv").text.splitlines()[4:7])
    )


def test_a_file_is_of_one_moment_and_holds_no_transaction_while_it_is_sent(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = fetched(client, "/v1/events", "csv")
    open_then: list[int] = []

    def disturbed(document: Document, records: Iterable[Record]) -> Iterator[bytes]:
        def changing() -> Iterator[Record]:
            for number, record in enumerate(records):
                if number == 3:  # before the second page is read
                    then = world.clock.now = NOW + timedelta(seconds=1)
                    id_ = record["source_event_id"]
                    moved = row(id_, occurred_on=date(2018, 1, 1), known_at=then)
                    world.add_events(moved, row("new", occurred_on=date(2018, 1, 2)), at=then)
                open_then.append(world.store.engine.pool.checkedout())  # type: ignore[attr-defined]
                yield record

        return csv_file.write(document, changing())

    monkeypatch.setattr(answers, "WRITERS", {"csv": disturbed})
    assert fetched(client, "/v1/events", "csv") == whole
    assert set(open_then) == {0}


def test_a_file_that_breaks_off_is_seen_to_be_broken(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = score_pages.standing

    def failing(*args: object, after: int | None, **others: object) -> object:
        if after is not None:
            raise StoreError("the database is gone")
        return real(*args, after=after, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(score_pages, "standing", failing)
    monkeypatch.setattr(csv_file, "PIECE", 10)
    with served(client.app) as address, capture_logs() as logged:
        for packed in ("identity", "gzip"):
            headers = {**client.headers, "Accept-Encoding": packed}
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                httpx.get(f"{address}/v1/scores?format=csv", headers=headers)
    assert [each["event"] for each in logged] == ["request failed"] * 2
    head = client.send("HEAD", "/v1/scores?format=csv")
    assert "content-length" not in head.headers  # 0 would say that the file is empty
    assert (head.status_code, head.content) == (200, b""), "it reads no page but the first"


def test_a_csv_says_what_each_score_rests_on(world: World, client: Client) -> None:
    said = client.get("/v1/scores?format=csv").headers["x-notice"]
    assert said.endswith("the column notice says more of each row"), "it has several pages"
    made = next(score for score in scores_of(LAST_ORIGIN) if score.region == "TGO")
    late = replace(made.sources[0], health=Health.LATE)
    world.add_scores([replace(made, sources=(late,), recorded_at=NOW)], at=NOW)
    table = read(client, "/v1/scores?country=TGO&target=force", "csv")
    assert [*table["health"]] == ["late"]
    assert [*table["source"]] == ["invented"]
    assert table["driver_1"][0].startswith("4 × protests")
    assert (float(table["low"][0]) < float(table["probability"][0])) is True
    assert table["notice"][0].startswith("illustration")
    unseen = read(client, "/v1/scores?country=KEN&target=force", "csv").iloc[0]
    assert (unseen["region"], unseen["source"], unseen["probability"]) == ("KEN", "", "")
    assert "no source" in unseen["notice"]


def test_libhxl_reads_the_tags(client: Client) -> None:
    expected = {
        "/v1/scores": ["#country+code", "#adm1+code", "#date+start", "#date+end", "#severity"],
        "/v1/alerts": ["#country+code", "#adm1+code", "#date+start", "#severity", "#status"],
        "/v1/events": ["#country+code", "#adm1+code", "#date+start", "#geo+lat", "#event+id"],
    }
    for path in ("/v1/forecasts", "/v1/recommendations", "/v1/deployments"):
        with hxl.data(io.BytesIO(fetched(client, f"{path}?hxl=1", "csv"))) as source:
            assert {"#country+code", "#meta+id"} & set(source.display_tags)
    for path, tags in expected.items():
        for format_ in ("csv", "xlsx"):
            with hxl.data(io.BytesIO(fetched(client, f"{path}?hxl=1", format_))) as source:
                assert set(tags) <= set(source.display_tags), path
                assert len(list(source)) == len(client.items(f"{path}?limit=1000"))
    assert client.get("/v1/scores?hxl=1").status_code == 422
    assert "add format=csv or format=xlsx" in client.get("/v1/scores?hxl=1&format=parquet").text


def test_geojson_is_valid_and_its_points_lie_in_their_regions(client: Client) -> None:
    places = load_gazetteer()
    for path in ("/v1/scores", "/v1/alerts", "/v1/events"):
        text = fetched(client, path, "geojson")
        found: FeatureCollection[Any] = FeatureCollection.model_validate_json(text)
        assert len(found.features) > 1
        for feature in found.features[:20]:
            assert feature.properties is not None
            if path == "/v1/events":
                assert feature.geometry is None, "the invented events have no position"
            else:
                assert feature.geometry is not None
                spot = Point(*feature.geometry.coordinates)
                outline = places.outline(str(feature.properties["region"]))
                assert outline.buffer(0.01).contains(spot)
    assert json.loads(fetched(client, "/v1/scores", "geojson"))["notice"].startswith("illustration")
    assert len(geopandas.read_file(io.BytesIO(fetched(client, "/v1/scores", "geojson")))) > 20
    outlines: FeatureCollection[Any] = FeatureCollection.model_validate_json(
        fetched(client, "/v1/regions?country=TGO", "geojson")
    )
    assert len(outlines.features) == 6
    assert client.get("/v1/alerts", {"Accept": "application/geo+json"}).json()["type"] == (
        "FeatureCollection"
    )


def test_an_event_with_a_position_is_a_point(world: World, client: Client) -> None:
    world.add_events(
        row(
            "spot",
            occurred_on=DAY,
            known_at=NOW,
            latitude=6.13,
            longitude=1.22,
            location_precision="place",
        )
    )
    (feature,) = json.loads(fetched(client, "/v1/events?since=2020-03-02", "geojson"))["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [1.2, 6.1]}, "as stored"


def test_duckdb_and_pandas_read_the_types_of_parquet(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "scores.parquet"
    file.write_bytes(fetched(client, "/v1/scores?country=TGO,KEN", "parquet"))
    with duckdb.connect() as connection:
        described = connection.execute(f"describe from '{file}'").fetchall()
        types = {name: kind for name, kind, *_ in described}
        query = f"select max(probability), count(*), count(origin) from '{file}'"
        highest, rows, dated = connection.execute(query).fetchall()[0]
    names = ("region", "probability", "observed", "origin", "as_of", "interim")
    assert [types[name] for name in names] == [
        "VARCHAR",
        "DOUBLE",
        "BIGINT",
        "DATE",
        "TIMESTAMP WITH TIME ZONE",
        "BOOLEAN",
    ]
    items = client.items("/v1/scores?country=TGO,KEN")
    assert highest == max(item["probability"] or 0 for item in items)
    assert (rows, dated) == (len(items), len(items) - 2)
    frame = pd.read_parquet(file)
    assert frame["as_of"].dt.tz is UTC or str(frame["as_of"].dt.tz) == "UTC"
    empty = fetched(client, "/v1/events?source=nobody", "parquet")
    assert "occurred_on" in pd.read_parquet(io.BytesIO(empty)).columns


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_no_cell_is_run_as_a_formula(world: World, client: Client, format_: str) -> None:
    world.add_events(row("evil", occurred_on=DAY, known_at=NOW, summary=EVIL))
    table = read(client, "/v1/events?since=2020-03-02", format_)
    assert [*table["summary"]] == [f"'{EVIL}"]
    if format_ == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(fetched(client, "/v1/events", "xlsx")))
        cells = (cell for line in book["events"].iter_rows() for cell in line)
        assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n", "d", "b"}


def test_a_workbook_continues_on_a_further_sheet(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 5)
    answer = client.get("/v1/alerts?format=xlsx&hxl=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="alerts.xlsx"'
    sheets = pd.read_excel(
        io.BytesIO(fetched(client, "/v1/scores?country=TGO", "xlsx")), None, engine="openpyxl"
    )
    assert [*sheets] == ["scores", "scores 2", "scores 3", "about"]
    assert [len(sheet) for name, sheet in sheets.items() if name != "about"] == [4, 4, 4]
    assert "illustration" in str(sheets["about"])


def test_what_a_key_may_not_see_is_in_no_file(world: World, asker: Asker) -> None:
    world.terms["closed"] = CLOSED_TERMS
    world.add_events(
        row("secret", source="closed", occurred_on=date(2020, 2, 20)),
        row("announced", tags="planned", occurred_on=date(2020, 2, 20)),
    )
    whole, ghana = asker(), asker("GHA")
    for format_ in FILES:
        ids = {*read(whole, "/v1/events", format_)["source_event_id"]}
        assert ids
        assert not ids & {"secret", "announced"}
        for path in LISTS:
            assert {*read(ghana, path, format_).get("country", [])} <= {"GHA"}
        assert ghana.get(f"/v1/alerts?country=TGO&format={format_}").status_code == 404
