"""Store subscriptions, with their verification and their end."""

from collections.abc import Collection
from dataclasses import replace
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
    """Store the new state of a subscription. Its owner and creation time cannot change."""
    values = _values(subscription)
    for fixed in ("id", "key_prefix", "owner", "created_at"):
        del values[fixed]
    connection.execute(update(table).where(table.c.id == subscription.id).values(**values))


def hand_over(connection: Connection, prefix: str, successor: str) -> None:
    """Give the running subscriptions of a key to its successor."""
    for each in of_keys(connection, [prefix]):
        wishes = _WISHES.dump_python(replace(each.recipient, owner=successor), mode="json")
        moved = update(table).where(table.c.id == each.id)
        connection.execute(moved.values(key_prefix=successor, wishes=wishes))


def find(connection: Connection, id_: str) -> Subscription | None:
    """Return and lock a subscription, or return None if there is none with this id."""
    row = connection.execute(select(table).where(table.c.id == id_).with_for_update()).first()
    return None if row is None else _subscription(row._asdict())


def of_keys(connection: Connection, prefixes: Collection[str] | None = None) -> list[Subscription]:
    """Return the subscriptions that have not ended, ordered by id.

    Args:
        prefixes: Only those of the keys with these prefixes; None for all.
    """
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
