"""Subscriptions, and whether each is proved and still runs."""

from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from ewarn.domain.recipient import Recipient
from ewarn.domain.subscription import Subscription
from ewarn.store.tables.delivery import subscription as table

_WISHES = TypeAdapter(Recipient)


def add(connection: Connection, subscription: Subscription) -> None:
    """Store a new subscription."""
    connection.execute(insert(table).values(**_values(subscription)))


def change(connection: Connection, subscription: Subscription) -> None:
    """Store what became of a subscription; who asked and when stays as it was."""
    values = _values(subscription)
    for fixed in ("id", "key_prefix", "owner", "created_at"):
        del values[fixed]
    connection.execute(update(table).where(table.c.id == subscription.id).values(**values))


def find(connection: Connection, id_: str) -> Subscription | None:
    """A subscription by its id, held against other writers; None if there is none."""
    row = connection.execute(select(table).where(table.c.id == id_).with_for_update()).first()
    return None if row is None else _subscription(row._asdict())


def of_keys(connection: Connection, prefixes: Collection[str] | None = None) -> list[Subscription]:
    """Subscriptions that have not ended, of some keys or (None) of all, by id."""
    query = select(table).where(table.c.ended_at.is_(None)).order_by(table.c.id)
    if prefixes is not None:
        query = query.where(table.c.key_prefix.in_(prefixes))
    return [_subscription(row._asdict()) for row in connection.execute(query)]


def _values(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "key_prefix": subscription.key_prefix,
        "owner": subscription.owner,
        "wishes": _WISHES.dump_python(subscription.recipient, mode="json"),
        "created_at": subscription.created_at,
        "generation": subscription.generation,
        "rotated_at": subscription.rotated_at,
        "code_hash": subscription.code_hash,
        "code_expires_at": subscription.code_expires_at,
        "verified_at": subscription.verified_at,
        "ended_at": subscription.ended_at,
    }


def _subscription(values: dict[str, Any]) -> Subscription:
    return Subscription(recipient=_WISHES.validate_python(values.pop("wishes")), **values)
