"""Tests of every parser with its own payload damaged in many ways.

The only error is RecordRejected, the events that come out are valid, and good records survive
beside a bad one.
"""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ewarn.domain.source import Payload
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA, ParsedBatch
from ewarn.places.gazetteer import load_gazetteer
from ingest.registry import SOURCES
from tests.contracts.samples import payload_of

LONG = 200 * 1024 * 1024
Change = Callable[[bytes], bytes]


def inside(body: bytes, change: Change) -> bytes:
    """`body` changed, within its archive if it is one."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            name = archive.namelist()[0]
            text = archive.read(name)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(zipfile.ZipInfo(name), change(text))
        return packed.getvalue()
    if body.startswith(b"\x1f\x8b"):
        return gzip.compress(change(gzip.decompress(body)), 1)
    return change(body)


_JUNK = st.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\xe9",
        "\u202e".encode(),
        b"\t",
        b"\n",
        b"\r",
        b'"',
        b"'",
        b",",
        b";",
        b"{",
        b"}",
        b"[",
        b"null",
        b"NaN",
        b"1e999",
        b"-1",
        b"99999999999999999999",
        b"\xf0\x9f\x92\xa9",
        b"0000-00-00",
        b"true",
    ]
)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A few cuts, repetitions and insertions at drawn places."""
    steps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["insert", "cut", "repeat", "replace"]),
                st.floats(0, 1),
                st.integers(1, 60),
                _JUNK | st.binary(min_size=1, max_size=12),
            ),
            min_size=1,
            max_size=4,
        )
    )

    def change(body: bytes) -> bytes:
        for how, share, length, junk in steps:
            at = int(share * len(body))
            if how == "insert":
                body = body[:at] + junk + body[at:]
            elif how == "cut":
                body = body[:at] + body[at + length :]
            elif how == "repeat":
                body = body[:at] + body[at : at + length] * 2 + body[at + length :]
            else:
                body = body[:at] + junk + body[at + len(junk) :]
        return body

    return change


def parsed(name: str, payload: Payload, body: bytes) -> Iterator[ParsedBatch]:
    damaged = Payload(
        payload.source,
        payload.name,
        body,
        payload.fetched_at,
        first_day=payload.first_day,
        last_day=payload.last_day,
        published_at=payload.published_at,
        whole=payload.whole,
    )
    with suppress(RecordRejected):
        yield from SOURCES[name]().parse(damaged, load_gazetteer())


@pytest.mark.parametrize("name", sorted(SOURCES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(change=changes(), packed=st.booleans())
def test_damage_is_refused_and_nothing_else(name: str, change: Change, packed: bool) -> None:
    payload, _ = payload_of(name)
    body = change(payload.body) if packed else inside(payload.body, change)
    places = load_gazetteer()
    for batch in parsed(name, payload, body):
        EVENT_SCHEMA.validate(batch.events)
        assert name == "exchange" or (batch.events["source"] == name).all()
        assert all(row.reason.strip() for row in batch.rejected)
        for country, region in zip(batch.events["country"], batch.events["region"], strict=True):
            assert country == "ZZZ" or places.get(region).country == country


@pytest.mark.parametrize("name", sorted(SOURCES))
@settings(max_examples=30, deadline=None)
@given(body=st.binary(max_size=400))
def test_any_bytes_are_refused_or_hold_no_event(name: str, body: bytes) -> None:
    payload, _ = payload_of(name)
    assert sum(len(batch.events) for batch in parsed(name, payload, body)) == 0


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_an_endless_field_is_survived(name: str) -> None:
    """200 MB without a break, in the middle of the payload's second half."""
    payload, _ = payload_of(name)

    def change(body: bytes) -> bytes:
        at = len(body) * 3 // 4
        return body[:at] + b"x" * LONG + body[at:]

    for batch in parsed(name, payload, inside(payload.body, change)):
        texts = batch.events[["place", "summary", "source_url", "source_event_id"]]
        assert texts.map(lambda text: not isinstance(text, str) or len(text) < 200_000).all().all()
