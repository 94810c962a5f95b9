"""Alembic's environment, which always uses the connection that `store.schema` passes in."""

from typing import Any, Literal

from alembic import context

from ewarn.store.tables.every_table import METADATA
from ewarn.store.tables.types import Json, Moment


def _plain_type(kind: str, column_type: Any, _context: Any) -> str | Literal[False]:
    # A revision names plain types, so that it stays the same when our own types change.
    if kind == "type" and isinstance(column_type, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(column_type, Json):
        return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=_plain_type,
)
context.run_migrations()
