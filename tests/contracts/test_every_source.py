"""Tests that hold for every source in the registry."""

import inspect
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from ewarn.domain.source import Payload
from ewarn.errors import RecordRejected
from ewarn.frames.events import EVENT_SCHEMA
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import Source, polled_every
from ingest.registry import ENTRIES, SOURCES, options_of
from tests.contracts.samples import brought, payload_of
from tests.contracts.scorable import fault_of


@pytest.fixture(params=sorted(SOURCES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(name: str) -> Source:
    return SOURCES[name]()


def test_it_is_a_source_under_its_own_name(name: str, source: Source) -> None:
    assert isinstance(source, Source)
    assert source.name == name
    assert name == name.lower()
    assert ":" not in name


def test_its_options_are_arguments_of_its_own_with_the_same_defaults(
    name: str, source: Source
) -> None:
    (options,) = (options_of(entry) for entry in ENTRIES if entry.name == name)
    arguments = inspect.signature(type(source)).parameters
    for option, field in options.model_fields.items() if options else ():
        secret = isinstance(field.default, SecretStr)
        default = field.default.get_secret_value() if secret else field.default
        assert arguments[option].default == default, option
        assert field.description, option


def test_its_cadence_is_positive_or_none(source: Source) -> None:
    assert source.cadence is None or source.cadence > timedelta(0)


def test_one_without_a_cadence_may_be_looked_at_often(source: Source) -> None:
    every = polled_every(source)
    assert every is None or every > timedelta(0)
    assert source.cadence is None or every == source.cadence


def test_its_terms_are_complete(source: Source) -> None:
    terms = source.terms
    assert terms.attribution
    assert terms.licence
    assert terms.url
    assert isinstance(terms.redistribute, bool)
    assert isinstance(terms.train, bool)


def test_its_docstring_says_what_a_user_must_know(source: Source) -> None:
    text = type(source).__doc__ or ""
    for word in ("Terms:", "Cadence:", "Lag:", "Revisions:", "Geography:"):
        assert word in text


def test_every_record_is_an_event_skipped_or_rejected(name: str, source: Source) -> None:
    payload, records = payload_of(name)
    batches = list(source.parse(payload, load_gazetteer()))
    events = sum(len(batch.events) for batch in batches)
    others = sum(len(batch.rejected) + batch.skipped.total() for batch in batches)
    assert events > 0
    assert events + others == records
    for batch in batches:
        EVENT_SCHEMA.validate(batch.events)
        assert (batch.events["source"] == name).all()


def test_a_source_without_a_sample_is_told_which_file_is_missing() -> None:
    with pytest.raises(LookupError, match=r"write tests/ingest/shared/sample\.py"):
        brought("shared", home="ingest.shared")


def test_parsing_twice_gives_the_same(name: str, source: Source) -> None:
    payload, _ = payload_of(name)
    both = (list(source.parse(payload, load_gazetteer())) for _ in range(2))
    for first, second in zip(*both, strict=True):
        assert first.events.equals(second.events)
        assert (first.rejected, first.coverage) == (second.rejected, second.coverage)


def test_events_lie_in_regions_of_their_country(name: str, source: Source) -> None:
    payload, _ = payload_of(name)
    places = load_gazetteer()
    for batch in source.parse(payload, places):
        for country, region in zip(batch.events["country"], batch.events["region"], strict=True):
            assert places.get(region).country == country


def test_one_that_can_never_be_scored_says_so_and_no_other_does(name: str, source: Source) -> None:
    payload, _ = payload_of(name)
    assert fault_of(source, payload) is None


@pytest.mark.parametrize("body", [b"<html>Moved</html>", b"\x1f\x8b\x00", b"PK\x03\x04", b"\xff"])
def test_a_payload_of_something_else_is_refused(source: Source, body: bytes) -> None:
    """Nothing but RecordRejected is raised, and nothing is made up of it."""
    payload = Payload(source.name, "other", body, datetime(2018, 1, 1, tzinfo=UTC))
    try:
        batches = list(source.parse(payload, load_gazetteer()))
    except RecordRejected:
        return
    assert sum(len(batch.events) for batch in batches) == 0
    assert any(batch.rejected for batch in batches)
