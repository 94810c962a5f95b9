"""GeoJSON (RFC 7946): a FeatureCollection of points, with the columns as properties."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from api.formats.document import PIECE, Document, Record


def write(document: Document, records: Iterable[Record]) -> Iterator[bytes]:
    """Yield a FeatureCollection. A record without a known position has no geometry.

    `as_of` and `notice` are members of the collection, before the features.
    """
    head = orjson.dumps({"type": "FeatureCollection", **document.said()})
    written = bytearray(head[:-1] + b',"features":[')
    separator = b""
    for record in records:
        written += separator + orjson.dumps(_feature(document, record))
        separator = b",\n"
        if len(written) >= PIECE:
            yield bytes(written)
            written.clear()
    yield bytes(written) + b"]}"


def _feature(document: Document, record: Record) -> dict[str, Any]:
    point = document.point(record)
    feature = {
        "type": "Feature",
        "geometry": point and {"type": "Point", "coordinates": [point[1], point[0]]},
        "properties": dict(zip(document.names, document.row(record), strict=True)),
    }
    return feature if record.get("id") is None else {"id": record["id"], **feature}
