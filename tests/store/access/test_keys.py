from datetime import timedelta

import pytest

from ewarn.access.keys import issue, proves, split
from ewarn.errors import UsageError
from ewarn.store.access import keys
from ewarn.store.database.engine import Store
from tests.scores import moment

NOW = moment(0)
DAY = timedelta(days=1)


def test_a_key_is_stored_without_its_secret_and_proves_itself(store: Store) -> None:
    key, text = issue("desk", ["scores:read"], ["TGO"], NOW, NOW + DAY)
    parts = split(text)
    assert parts is not None
    with store.write() as connection:
        keys.add(connection, key)
        found = keys.find(connection, parts[0])
        assert keys.every(connection) == [key] == [found]
        assert keys.find(connection, "nobody") is None
    assert parts[1] not in repr(found)
    assert proves(key, parts[1], NOW)
    assert not proves(key, parts[1] + "x", NOW)
    assert not proves(key, parts[1], NOW + DAY), "it has expired"


def test_a_revoked_key_proves_nothing(store: Store) -> None:
    key, text = issue("desk", ["admin"], ["*"], NOW)
    with store.write() as connection:
        keys.add(connection, key)
        assert keys.revoke(connection, key.prefix, NOW)
        assert not keys.revoke(connection, key.prefix, NOW)
        found = keys.find(connection, key.prefix)
    assert found is not None
    assert not proves(found, text.partition(".")[2], NOW)


def test_a_scope_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="'scores:write' is not a scope; the scopes are"):
        issue("desk", ["scores:write"], ["*"], NOW)


def test_admin_carries_every_scope() -> None:
    key, _ = issue("desk", ["admin"], ["*"], NOW)
    assert key.allows("events:read")


@pytest.mark.parametrize("text", ["", "nodot", ".secret", "prefix."])
def test_what_does_not_look_like_a_key_is_none(text: str) -> None:
    assert split(text) is None
