"""Tests of issuing, rotating and revoking keys: rights, overlap, subscriptions, audit trail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.access.keys import issue, proves, split
from ewarn.domain.key import PARTNER_SCOPES, PartnerLimits
from ewarn.domain.recipient import Recipient
from ewarn.domain.subscription import Subscription
from ewarn.domain.time import DAY
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.delivery.issuing import revoke_key, rotate_key, store_key
from ewarn.store.access import audit, keys
from ewarn.store.access.audit import API_KEY
from ewarn.store.database.engine import Store
from ewarn.store.delivery import subscriptions
from tests.scores import moment, origin

NOW = moment(0)
WEEK = timedelta(days=7)


def test_a_successor_has_the_same_rights_and_the_old_key_ends_after_the_overlap(
    store: Store,
) -> None:
    limits = PartnerLimits(("TG-M",), origin(0), origin(4))
    old, _ = issue(
        "a partner", PARTNER_SCOPES, ["TGO"], NOW - 30 * DAY, NOW + 60 * DAY, partner=limits
    )
    store_key(store, old, "office")
    desk = Recipient("sub1", old.prefix, "webhook", "https://example.org/in", "en")
    with store.write() as connection:
        subscriptions.add(connection, Subscription("sub1", old.prefix, "x", desk, NOW))
    ended, new, text = rotate_key(store, old.prefix, WEEK, "office", NOW)
    with store.read() as connection:
        held = {each.prefix: each for each in keys.every(connection)}
        (moved,) = subscriptions.of_keys(connection)
        acts = [
            (each.act.act, each.act.actor, each.act.after.get("followed_by"))
            for each in audit.history(connection, API_KEY, old.prefix, NOW)
        ]
        (follows,) = audit.history(connection, API_KEY, new.prefix, NOW)
    assert held == {
        old.prefix: replace(old, expires_at=NOW + WEEK),
        new.prefix: replace(
            old,
            prefix=new.prefix,
            secret_hash=new.secret_hash,
            created_at=NOW,
            expires_at=NOW + 90 * DAY,
        ),
    }
    assert ended == held[old.prefix]
    parts = split(text)
    assert parts is not None
    assert proves(held[new.prefix], parts[1], NOW)
    assert (moved.key_prefix, moved.recipient.owner) == (new.prefix, new.prefix)
    assert acts == [("issued", "office", None), ("rotated", "office", new.prefix)]
    assert follows.act.after["follows"] == old.prefix
    assert follows.act.after["regions"] == ["TG-M"]


def test_a_key_without_an_end_has_a_successor_without_one(store: Store) -> None:
    old, _ = issue("a desk", ["scores:read"], ["*"], NOW)
    store_key(store, old, "office")
    _, new, _ = rotate_key(store, old.prefix, timedelta(0), "office", NOW)
    assert new.expires_at is None
    with pytest.raises(UnknownName):  # it has expired
        rotate_key(store, old.prefix, WEEK, "office", NOW)


def test_a_key_that_ends_within_the_overlap_or_is_revoked_is_not_rotated(store: Store) -> None:
    old, _ = issue("a desk", ["scores:read"], ["*"], NOW, NOW + DAY)
    store_key(store, old, "office")
    with pytest.raises(UsageError, match="shorter overlap"):
        rotate_key(store, old.prefix, WEEK, "office", NOW)
    revoke_key(store, old.prefix, "office", NOW)
    for act in (
        lambda: rotate_key(store, old.prefix, timedelta(0), "office", NOW),
        lambda: revoke_key(store, old.prefix, "office", NOW),
    ):
        with pytest.raises(UnknownName):
            act()
    with store.read() as connection:
        assert audit.latest(connection, API_KEY, NOW)[0]["revoked_at"] == NOW.isoformat()
        assert len(keys.every(connection)) == 1
