"""Store the whole alert in one column, beside the columns that queries use."""

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ASKED: dict[str, TypeEngine[Any]] = {
    "id": sa.String(40),
    "rule": sa.String(80),
    "region": sa.String(20),
    "country": sa.String(3),
    "state": sa.String(20),
    "closed_on": sa.Date(),
    "last_origin": sa.Date(),
    "readers": sa.String(80),
}
# With the placeholder for a column that needs a value, until the downgrade fills it.
GONE: dict[str, tuple[TypeEngine[Any], Any]] = {
    "target": (sa.String(20), ""),
    "horizon_weeks": (sa.Integer(), "0"),
    "band": (sa.String(20), ""),
    "highest": (sa.String(20), ""),
    "probability": (sa.Float(), None),
    "opened_on": (sa.Date(), None),
    "score_id": (sa.String(40), ""),
    "stale": (sa.Boolean(), sa.false()),
    "periods_above": (sa.Integer(), "0"),
    "periods_below": (sa.Integer(), "0"),
    "periods_lower": (sa.Integer(), "0"),
    "acknowledged_by": (sa.String(80), None),
    "assessment": (sa.String(20), None),
    "told": (sa.String(20), None),
    "tier": (sa.Integer(), "1"),
    "waiting_since": (sa.DateTime(timezone=True), None),
    "corrected": (sa.Boolean(), sa.false()),
    "warned_on": (sa.Date(), None),
    "warned_at": (sa.Float(), None),
    "heard_on": (sa.Date(), None),
    "situation": (sa.Boolean(), sa.false()),
}
_TYPES = ASKED | {name: kind for name, (kind, _) in GONE.items()} | {"whole": sa.Text()}
ALERT = sa.table("alert", *(sa.column(name, kind) for name, kind in _TYPES.items()))


# Columns are added and dropped one by one: a batch would create the table again while other rows
# refer to it.
def upgrade() -> None:
    op.add_column("alert", sa.Column("whole", sa.Text(), nullable=False, server_default="{}"))
    columns = [column for column in ALERT.c if column.name != "whole"]
    found = op.get_bind().execute(sa.select(*columns)).mappings().all()
    _fill([{"of": row["id"], "new_whole": _text(row)} for row in found], "whole")
    for name in GONE:
        op.drop_column("alert", name)


def downgrade() -> None:
    for name, (kind, default) in GONE.items():
        nullable = default is None
        op.add_column("alert", sa.Column(name, kind, nullable=nullable, server_default=default))
    found = op.get_bind().execute(sa.select(ALERT.c.id, ALERT.c.whole)).all()
    _fill([{"of": id_, **_columns(text)} for id_, text in found], *GONE)
    op.drop_column("alert", "whole")


def _fill(rows: list[dict[str, Any]], *names: str) -> None:
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    filled = sa.update(ALERT).where(ALERT.c.id == sa.bindparam("of")).values(values)
    if rows:
        op.get_bind().execute(filled, rows)


def _text(row: sa.RowMapping) -> str:
    return json.dumps(dict(row), default=_iso, sort_keys=True, separators=(",", ":"))


def _iso(value: date | datetime) -> str:
    if isinstance(value, datetime):
        # SQLite stores UTC wall time without a zone.
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value.isoformat()


def _columns(text: str) -> dict[str, Any]:
    values = json.loads(text)
    for name in ("opened_on", "warned_on", "heard_on"):
        values[name] = values[name] and date.fromisoformat(values[name])
    since = values["waiting_since"]
    values["waiting_since"] = since and datetime.fromisoformat(since)
    return {f"new_{name}": values[name] for name in GONE}
