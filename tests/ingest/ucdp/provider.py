"""Invented events in the form of UCDP GED; nothing in them happened, and no side in them exists."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from ingest.ucdp.rows import COLUMNS
from tests.provider import Provider, Reply, Request

TOKEN = "an invented token"
Event = Mapping[str, Any]


def ged(number: int, day: str = "2026-08-14", **cells: Any) -> dict[str, Any]:
    """One event: an invented clash of one day at Kara, changed by `cells`."""
    return dict.fromkeys(COLUMNS) | {
        "id": number,
        "relid": f"TGO-{number}",
        "year": int(day[:4]),
        "active_year": True,
        "code_status": "Clear",
        "type_of_violence": 1,
        "conflict_name": "Invented conflict",
        "dyad_name": "Invented army - Invented band",
        "side_a": "Invented army",
        "side_b": "Invented band",
        "number_of_sources": 1,
        "source_article": 'Invented paper, "an Invented Person, shot"',
        "source_headline": "An Invented Person was\nshot",
        "where_prec": 1,
        "where_coordinates": "Kara town",
        "where_description": "before the house of an Invented Person",
        "adm_1": "Kara region",
        "latitude": 9.5511,
        "longitude": 1.1861,
        "geom_wkt": "POINT (1.1861 9.5511)",
        "country": "Togo",
        "country_id": 461,
        "region": "Africa",
        "event_clarity": 1,
        "date_prec": 1,
        "date_start": f"{day}T00:00:00",
        "date_end": f"{cells.pop('end', day)}T00:00:00",
        "deaths_a": 0,
        "deaths_b": 3,
        "best": 3,
        "high": 5,
        "low": 2,
        "gwnoa": 461,
        **cells,
    }


def csv_of(*events: Event, header: bool = True) -> bytes:
    """A file of events as UCDP writes them: days with a time, quotes where needed."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    if header:
        writer.writeheader()
    for event in events:
        days = {
            name: str(event[name]).replace("T00:00:00", " 00:00:00.000")
            for name in ("date_start", "date_end")
        }
        writer.writerow({**event, **days})
    return text.getvalue().encode()


def page_of(events: Sequence[Event], page: int = 0, size: int = 1000) -> bytes:
    """A page of the API's answer, over several lines."""
    pages = -(-len(events) // size)
    return orjson.dumps(
        {
            "TotalCount": len(events),
            "TotalPages": pages,
            "PreviousPageUrl": "",
            "NextPageUrl": "",
            "Result": list(events[page * size : (page + 1) * size]),
        },
        option=orjson.OPT_INDENT_2,
    )


def ids_of(events: Iterable[Event]) -> list[str]:
    """Ids as they are stored."""
    return [str(event["id"]) for event in events]


@dataclass
class InventedUcdp:
    """Publishes vintages on a provider, both as pages of the API (two events each) and as files."""

    provider: Provider
    pages: dict[str, list[Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.provider.otherwise = self._page

    def _page(self, request: Request) -> Reply:
        version = request.path.removeprefix("/api/gedevents/")
        if not request.path.startswith("/api/"):
            return Reply(b"not here", 404)
        if request.headers.get("x-ucdp-access-token") != TOKEN:
            return Reply(b"API token required", 401)
        return Reply(page_of(self.pages.get(version, []), int(request.query["page"]), 2))

    def publish(self, version: str, *events: Event) -> None:
        """A yearly release (26.1) or the candidate of a month (26.0.8)."""
        self.pages[version] = list(events)
        year, month = version.split(".")[0], version.split(".")[-1]
        if ".0." in version:
            path, body = f"/files/candidateged/GEDEvent_v{year}_0_{month}.csv", csv_of(*events)
        else:
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                archive.writestr("GEDEvent.csv", csv_of(*events))
            path, body = f"/files/ged/ged{year}1-csv.zip", packed.getvalue()
        self.provider.answers[path] = [Reply(body)]
