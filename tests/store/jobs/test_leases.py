"""Tests of leases: one holder at a time, and an epoch refuses the previous holder."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from ewarn.errors import LeaseLost, StoreError
from ewarn.store.database.engine import Store
from ewarn.store.jobs import jobs, leases
from ewarn.store.jobs.leases import FencedStore
from ewarn.store.maintenance import clocks
from ewarn.store.tables.base import meta
from ewarn.store.tables.jobs import lease
from tests.scores import moment

NOW = moment(0)
MINUTE = timedelta(minutes=1)


def acquire(store: Store, holder: str, now: datetime) -> int | None:
    with store.write() as connection:
        return leases.acquire(connection, "leader", holder, now, MINUTE)


def require(store: Store, epoch: int) -> None:
    with store.write() as connection:
        leases.require(connection, "leader", epoch)


def test_a_lease_is_held_by_one_until_it_lapses(store: Store) -> None:
    assert acquire(store, "one", NOW) == 1
    assert acquire(store, "two", NOW + MINUTE - timedelta(seconds=1)) is None
    assert acquire(store, "two", NOW + MINUTE) == 2
    assert acquire(store, "one", NOW + MINUTE) is None
    with store.read() as connection:
        held = leases.current(connection, "leader")
    assert held == leases.Lease("leader", "two", 2, NOW + 2 * MINUTE)


def test_a_holder_extends_its_lease_under_the_same_epoch(store: Store) -> None:
    assert acquire(store, "one", NOW) == 1
    assert acquire(store, "one", NOW + MINUTE / 2) == 1
    assert acquire(store, "two", NOW + MINUTE) is None
    assert acquire(store, "one", NOW + 10 * MINUTE) == 1  # late, but nobody else took it


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.booleans(), st.sampled_from([0, 20, 60])), max_size=12
    )
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_lease_has_one_owner_whoever_comes_and_goes(
    sqlite_url: str, steps: list[tuple[str, bool, int]]
) -> None:
    """Each waits some seconds, and then asks for the lease or gives it back."""
    store, now, epochs = Store(sqlite_url), NOW, [0]
    until = dict.fromkeys("ABC", NOW)  # when each takes its own lease to lapse
    for holder, asks, seconds in [*steps, ("A", True, 60)]:
        now += timedelta(seconds=seconds)
        if not asks:
            with store.write() as connection:
                leases.release(connection, "leader", holder, now)
            until[holder] = NOW
        elif (epoch := acquire(store, holder, now)) is not None:
            until[holder] = now + MINUTE
            epochs.append(epoch)
        assert sum(now < end for end in until.values()) <= 1
    assert epochs == sorted(epochs)
    with store.write() as connection:
        connection.execute(lease.delete())
    store.dispose()


def test_an_epoch_holds_until_another_takes_over(store: Store) -> None:
    assert acquire(store, "one", NOW) == 1
    require(store, 1)
    assert acquire(store, "two", NOW + MINUTE) == 2
    with pytest.raises(LeaseLost, match="went to another worker since epoch 1"):
        require(store, 1)
    require(store, 2)


def test_a_released_lease_may_be_taken_at_once_and_not_released_by_others(store: Store) -> None:
    acquire(store, "one", NOW)
    with store.write() as connection:
        leases.release(connection, "leader", "two", NOW)
    assert acquire(store, "two", NOW) is None
    with store.write() as connection:
        leases.release(connection, "leader", "one", NOW)
    assert acquire(store, "two", NOW) == 2


def test_a_fenced_write_after_a_takeover_leaves_nothing(store: Store) -> None:
    now = [NOW]

    def claim(holder: str) -> jobs.Claim | None:
        with store.write() as connection:
            return jobs.claim(connection, now[0], {"score"}, holder=holder, length=MINUTE)

    def hold(connection: Connection) -> None:
        assert first is not None
        jobs.hold(connection, first, now[0], MINUTE)

    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
    first = claim("one")
    fenced = FencedStore(store, hold)
    with fenced.write() as connection:
        connection.execute(meta.insert().values(key="before", value="x"))
    now[0] += MINUTE
    assert claim("two") is not None
    began = False
    with pytest.raises(LeaseLost, match="claim 1"), fenced.write() as connection:
        began = True
    assert not began
    with store.read() as connection:
        assert "before" in set(connection.execute(select(meta.c.key)).scalars())


def test_a_long_transaction_leaves_a_fresh_lease(store: Store) -> None:
    now = [NOW]
    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
        first = jobs.claim(connection, NOW, {"score"}, holder="one", length=MINUTE)
        assert first is not None
    with FencedStore(store, lambda c: jobs.hold(c, first, now[0], MINUTE)).write():
        now[0] += 10 * MINUTE
    with store.write() as connection:
        late = now[0] + MINUTE - timedelta(seconds=1)
        assert jobs.claim(connection, late, {"score"}, holder="two", length=MINUTE) is None


def test_a_write_that_holds_its_claim_cannot_be_overtaken(postgresql_url: str) -> None:
    # PostgreSQL has several writers at a time, unlike SQLite, so the row is locked.
    store = Store(postgresql_url)
    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
        first = jobs.claim(connection, NOW, {"score"}, holder="one", length=MINUTE)
        assert first is not None
    fenced = FencedStore(store, lambda c: jobs.hold(c, first, NOW, MINUTE))
    with suppress(ZeroDivisionError), fenced.write():
        with store.write() as other:
            late = NOW + 10 * MINUTE
            assert jobs.claim(other, late, {"score"}, holder="two", length=MINUTE) is None
        raise ZeroDivisionError
    with store.write() as other:
        assert jobs.claim(other, NOW + 10 * MINUTE, {"score"}, holder="two", length=MINUTE)
    store.dispose()


def test_a_leaders_write_cannot_be_overtaken(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    assert acquire(store, "one", NOW) == 1
    with store.write() as connection:
        leases.require(connection, "leader", 1)
        with pytest.raises(StoreError, match="lock timeout"), store.write() as other:  # noqa: PT012
            other.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            leases.acquire(other, "leader", "two", NOW + MINUTE, MINUTE)
    assert acquire(store, "two", NOW + MINUTE) == 2
    store.dispose()


YEAR = timedelta(days=365)


def test_a_lease_that_a_clock_ran_ahead_with_counts_as_lapsed(store: Store) -> None:
    assert acquire(store, "ahead", NOW + YEAR) == 1
    with store.read() as connection:
        held = leases.current(connection, "leader")
    assert held is not None
    assert held.has_lapsed(NOW)
    assert acquire(store, "right", NOW) == 2
    with pytest.raises(LeaseLost):
        require(store, 1)


def test_a_clock_that_runs_a_little_ahead_keeps_its_lease(store: Store) -> None:
    assert acquire(store, "ahead", NOW + MINUTE / 2) == 1
    assert acquire(store, "right", NOW) is None
    assert acquire(store, "right", NOW + MINUTE * 1.5) == 2


def test_a_slot_that_a_clock_ran_ahead_with_is_claimed_again(store: Store) -> None:
    with store.write() as connection:
        jobs.enqueue(connection, "score", NOW)
        jobs.enqueue(connection, "alert", NOW, not_before=NOW + YEAR)
        first = jobs.claim(connection, NOW + YEAR, {"score"}, holder="ahead", length=MINUTE)
    assert first is not None
    with store.read() as connection:
        assert jobs.is_due(connection, NOW, {"score"}, length=MINUTE)
        assert jobs.overdue(connection, NOW) == ("score", NOW)
        assert clocks.ahead(connection, NOW)[0].startswith("2 jobs are leased or delayed")
    with store.write() as connection:
        again = jobs.claim(connection, NOW, {"score"}, holder="right", length=MINUTE)
        other = jobs.claim(connection, NOW, {"alert"}, holder="right", length=MINUTE)
    assert again is not None
    assert (again.id, again.epoch) == (first.id, 2)
    assert other is not None
    with store.read() as connection:
        assert clocks.ahead(connection, NOW) == ()
