"""Rename three tables by what they hold: notifications, suppressed changes, health changes."""

from collections.abc import Sequence

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RENAMED = {
    "notice": "notification",
    "held_back": "suppressed_change",
    "source_turn": "health_change",
}
INDEXES = {
    "notice": (["message_id"], ["message_id", "due_at"], ["thread", "recipient"]),
    "held_back": (["alert_id"],),
    "source_turn": (["source"],),
}
CONSTRAINTS = {
    "notice": ("pk_{table}", "uq_{table}_id"),
    "held_back": ("pk_{table}", "fk_{table}_alert_id_alert"),
    "source_turn": ("pk_{table}",),
}

UNIQUE = {"notice"}  # in its column `id`


def upgrade() -> None:
    for old, new in RENAMED.items():
        _rename(old, new, INDEXES[old], CONSTRAINTS[old])


def downgrade() -> None:
    for old, new in RENAMED.items():
        _rename(new, old, INDEXES[old], CONSTRAINTS[old])


def _rename(table: str, to: str, indexes: Sequence[list[str]], constraints: Sequence[str]) -> None:
    # SQLite cannot rename an index, so each is created again under its new name.
    for columns in indexes:
        op.drop_index(_index(table, columns), table)
    op.rename_table(table, to)
    for columns in indexes:
        op.create_index(_index(to, columns), to, columns)
    if op.get_bind().dialect.name == "sqlite":
        if table in UNIQUE or to in UNIQUE:
            with op.batch_alter_table(to) as batch:  # writes the table again: no row points to it
                batch.drop_constraint(f"uq_{table}_id", type_="unique")
                batch.create_unique_constraint(op.f(f"uq_{to}_id"), ["id"])
        return
    for name in constraints:
        now, then = name.format(table=table), name.format(table=to)
        op.execute(f"ALTER TABLE {to} RENAME CONSTRAINT {now} TO {then}")


def _index(table: str, columns: list[str]) -> str:
    return op.f(f"ix_{table}_{'_'.join(columns)}")
