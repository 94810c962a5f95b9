from datetime import timedelta

from ewarn.store import jobs
from ewarn.store.engine import Store
from tests.scores import moment

NOW = moment(0)
HOUR = timedelta(hours=1)


def test_a_slot_is_queued_once(store: Store) -> None:
    with store.write() as connection:
        assert jobs.enqueue(connection, "score", NOW)
        assert not jobs.enqueue(connection, "score", NOW)
        assert jobs.enqueue(connection, "score", NOW + HOUR)


def test_a_claimed_slot_is_not_claimed_again_until_abandoned(store: Store) -> None:
    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
        first = jobs.claim(connection, NOW, abandoned_after=HOUR)
        assert first is not None
        assert jobs.claim(connection, NOW, abandoned_after=HOUR) is None
        again = jobs.claim(connection, NOW + HOUR, abandoned_after=HOUR)
        assert again == first


def test_a_slot_of_the_future_waits(store: Store) -> None:
    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW + HOUR)
        assert jobs.claim(connection, NOW, abandoned_after=HOUR) is None


def test_a_finished_slot_says_when_and_a_failed_one_is_not_a_success(store: Store) -> None:
    with store.write() as connection:
        for name in ("good", "bad"):
            jobs.enqueue(connection, name, NOW)
        for failure in ("", "the provider is down"):
            claimed = jobs.claim(connection, NOW, abandoned_after=HOUR)
            assert claimed is not None
            jobs.finish(connection, claimed, NOW + HOUR, failure=failure)
        assert jobs.last_finished(connection) == {"good": NOW + HOUR}
        assert jobs.claim(connection, NOW + 2 * HOUR, abandoned_after=HOUR) is None
