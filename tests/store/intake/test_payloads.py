"""Tests of raw payloads: stored once, unchanged, and for a limited time."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from ewarn.domain.source import Health, Payload, Span
from ewarn.errors import SealBroken
from ewarn.protect.sealing import AesSealer
from ewarn.store.database.engine import Store
from ewarn.store.events.events import Appended
from ewarn.store.intake import newest_runs, payloads, runs
from ewarn.store.tables.intake import raw_payload
from tests.scores import moment

PAYLOAD = Payload(
    "invented",
    "file",
    b"bytes" * 100,
    moment(0),
    first_day=date(2020, 1, 1),
    last_day=date(2020, 1, 5),
    published_at=moment(0),
    whole=(Span("TGO", date(2020, 1, 1), date(2020, 1, 5), moment(0)),),
)


PROTECTED = replace(PAYLOAD, body=b"an invented report " * 50, protected=True)
SEALER = AesSealer(bytes(32))


@pytest.mark.parametrize("body", [b"bytes" * 100, b"PK\x03\x04 packed", b"\x1f\x8b packed", b""])
def test_a_payload_is_kept_once_and_read_as_it_came(store: Store, body: bytes) -> None:
    payload = replace(PAYLOAD, body=body)
    with store.write() as connection:
        first = payloads.keep(connection, payload)
        assert payloads.keep(connection, payload) == first
        assert payloads.read(connection, first) == payload


def test_of_an_archive_that_its_provider_keeps_only_the_hash_stays(store: Store) -> None:
    with store.write() as connection:
        first = payloads.keep(connection, PAYLOAD, body=False)
        assert payloads.keep(connection, PAYLOAD) == first
        assert payloads.read(connection, first) is None


def test_a_payload_is_forgotten_in_time_and_its_run_stays(store: Store) -> None:
    with store.write() as connection:
        first = payloads.keep(connection, PAYLOAD)
        run = runs.Run(
            "invented", moment(0), Health.OK, "", Appended(1), 0, {}, None, payload_id=first
        )
        runs.record_run(connection, runs.Reading(run))
        assert payloads.forget(connection, "invented", moment(0)) == 0
        assert payloads.forget(connection, "another", moment(5)) == 0
        assert payloads.forget_others(connection, {"invented"}, moment(5)) == 0
        assert payloads.forget_others(connection, {"another"}, moment(5)) == 1
        assert payloads.read(connection, first) is None
        assert newest_runs.latest_runs(connection, moment(5))["invented"].appended == Appended(1)


def test_a_hash_outlives_the_bodies(store: Store) -> None:
    with store.write() as connection:
        whole = payloads.keep(connection, PAYLOAD)
        bare = payloads.keep(connection, replace(PAYLOAD, name="bare"), body=False)
        assert payloads.forget(connection, "invented", moment(5), moment(-99)) == 1
        assert payloads.digest_of(connection, whole) is None
        assert payloads.digest_of(connection, bare) == payloads.digest(PAYLOAD, None)
        assert payloads.forget(connection, "invented", moment(5), moment(5)) == 1


def test_a_payload_that_comes_again_brings_its_newest_marks(store: Store) -> None:
    later = replace(
        PAYLOAD,
        published_at=moment(3),
        whole=(Span("*", date(2020, 1, 1), date(2020, 1, 9), moment(3)),),
    )
    with store.write() as connection:
        first = payloads.keep(connection, PAYLOAD)
        assert payloads.keep(connection, later) == first
        assert payloads.read(connection, first) == later


@pytest.mark.parametrize("body", [b"an invented report " * 50, b"\x1f\x8b packed", b""])
def test_a_protected_payload_is_kept_sealed_once_and_opens_as_it_came(
    store: Store, body: bytes
) -> None:
    payload = replace(PROTECTED, body=body)
    with store.write() as connection:
        first = payloads.keep(connection, payload, sealer=SEALER)
        assert payloads.keep(connection, payload, sealer=SEALER) == first
        assert payloads.read(connection, first, sealer=SEALER) == payload
        row = connection.execute(raw_payload.select()).one()
    assert row.coding == f"sealed:{SEALER.key_id}"
    assert not body or body[:10] not in row.body
    assert row.sha256 != hashlib.sha256(body).hexdigest()


def test_a_protected_payload_is_not_kept_without_a_key(store: Store) -> None:
    with store.write() as connection:
        for body in (True, False):
            with pytest.raises(SealBroken, match="set EWARN_PROTECTION_KEY"):
                payloads.keep(connection, PROTECTED, body=body)
        assert connection.execute(raw_payload.select()).first() is None


def test_another_key_or_none_is_named_and_nothing_is_opened(store: Store) -> None:
    with store.write() as connection:
        first = payloads.keep(connection, PROTECTED, sealer=SEALER)
        with pytest.raises(SealBroken, match=f"with the key {SEALER.key_id}.* is not set"):
            payloads.read(connection, first)
        other = AesSealer(b"x" * 32)
        with pytest.raises(SealBroken, match=f"EWARN_PROTECTION_KEY is {other.key_id}: set"):
            payloads.read(connection, first, sealer=other)


def test_a_sealed_payload_that_was_altered_or_moved_does_not_open(store: Store) -> None:
    with store.write() as connection:
        first = payloads.keep(connection, PROTECTED, sealer=SEALER)
        connection.execute(raw_payload.update().values(name="another"))
        with pytest.raises(SealBroken, match="another of invented: it does not open"):
            payloads.read(connection, first, sealer=SEALER)
