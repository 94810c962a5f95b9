"""The formats of lists: their media types, and what writes them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

from api.formats import csv_file, exchange, geojson, parquet, xlsx
from api.formats.document import Document, Record
from ewarn.egress.definition.shapes import Shape
from ewarn.egress.definition.tables import Column, columns_of
from ewarn.egress.events import EventRecord

TableFormat = Literal["json", "csv", "parquet", "xlsx"]  # of records without a place
PlacedFormat = Literal["json", "csv", "geojson", "parquet", "xlsx"]  # of records with one
OutlineFormat = Literal["json", "geojson"]  # of regions, whose outlines are their places

JSON, CSV, GEOJSON, XLSX = "json", "csv", "geojson", "xlsx"
MEDIA_TYPES: Mapping[str, str] = {
    JSON: "application/json",
    CSV: "text/csv",
    GEOJSON: "application/geo+json",
    "parquet": "application/vnd.apache.parquet",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
}
TAGGED = (CSV, XLSX)  # formats that can have a row of HXL tags
SAVED = ("parquet", XLSX)  # formats that a browser saves and does not show
WRITERS: Mapping[str, Callable[[Document, Iterable[Record]], Iterator[bytes]]] = {
    CSV: csv_file.write,
    GEOJSON: geojson.write,
    "parquet": parquet.write,
    XLSX: xlsx.write,
}


def columns_in(format_: str, shape: type[Shape]) -> tuple[Column, ...]:
    """Return the columns of records in a format. The CSV of events is the event-exchange format."""
    if format_ == CSV and shape is EventRecord:
        return exchange.COLUMNS
    return columns_of(shape)


NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the answer with that `ETag`. No body."}
}
_TABLE: dict[str, Any] = {
    "schema": {"type": "string", "description": "A header, and a row for each record."},
    "example": "id,region,band\r\n1983,TG-M,high\r\n",
}
_FEATURES: dict[str, Any] = {
    "schema": {"type": "object", "description": "A feature for each record, in WGS 84."},
    "example": {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [1.22, 6.13]},
                "properties": {"region": "TG-M", "band": "high"},
            }
        ],
    },
}
_BINARY: dict[str, Any] = {
    "schema": {"type": "string", "format": "binary", "description": "A file; save it."}
}


def documented(formats: Any) -> dict[int | str, dict[str, Any]]:
    """Return the media types of a list's formats for the OpenAPI document."""
    content = {
        MEDIA_TYPES[name]: {CSV: _TABLE, GEOJSON: _FEATURES}.get(name, _BINARY)
        for name in get_args(formats)
        if name != JSON
    }
    return {200: {"content": content}}


def documented_text(media_type: str, text: str, example: str) -> dict[str, Any]:
    """Return an answer in another format than JSON for the OpenAPI document."""
    described = {"schema": {"type": "string"}, "example": example}
    return {"description": text, "content": {media_type: described}}
