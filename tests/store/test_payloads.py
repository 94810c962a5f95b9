"""Raw payloads: kept as they came, once, for a while."""

from dataclasses import replace
from datetime import date

import pytest

from ewarn.domain.source import Health, Payload, Span
from ewarn.store import payloads, runs
from ewarn.store.engine import Store
from ewarn.store.events import Appended
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
        assert runs.latest_runs(connection, moment(5))["invented"].appended == Appended(1)
