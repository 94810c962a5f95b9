"""Fitted models as data, and their promotions to champion. Rows are added, never changed."""

from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from ewarn.domain.fit import Fit, Promotion, Purpose, sha256_of, stamped_version
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError, UnknownName
from ewarn.store.database.cuts import Cut
from ewarn.store.tables.models import fitted_model as table
from ewarn.store.tables.models import promotion as promotion_table

_SLOT = ("source", "target", "level", "horizon_weeks")


def add(connection: Connection, fit: Fit) -> int:
    """Store a fit and return its id. The same document for the same purpose is stored once."""
    purpose = _columns(fit.purpose)
    same = [table.c[name] == value for name, value in purpose.items()]
    same += [table.c.sha256 == fit.sha256, table.c.document == fit.document]
    known = connection.execute(select(table.c.id).where(*same).limit(1)).scalar()
    if known is not None:
        return int(known)
    values = {
        "name": fit.name,
        "version": fit.version,
        "document": fit.document,
        "sha256": fit.sha256,
        "first_week": fit.first_week,
        "labels_before": fit.labels_before,
        "as_of": fit.as_of,
        "recorded_at": fit.fitted_at,
    }
    made = connection.execute(insert(table).values(values | purpose).returning(table.c.id))
    return int(made.scalar_one())


def load(connection: Connection, fit_id: int) -> Fit:
    """Return a fit by its id.

    Raises:
        UnknownName: There is no such fit.
        ModelError: The hash of its document is not the one stored.
    """
    row = connection.execute(select(table).where(table.c.id == fit_id)).mappings().first()
    if row is None:
        raise UnknownName(f"there is no fitted model {fit_id}; see `ewarn models list`")
    return _checked(_fit(row), row["sha256"])


def every(connection: Connection, cut: Cut) -> list[Fit]:
    """Return all fits under a cut, oldest first.

    They are meant for a list and not for scoring: no hash is checked.
    """
    query = select(table).where(*cut.clauses(table, known="as_of")).order_by(table.c.id)
    return [_fit(row) for row in connection.execute(query).mappings()]


def newest(connection: Connection, purpose: Purpose) -> Fit | None:
    """Return the last fit for a purpose, promoted or not; None if there is none."""
    same = [table.c[name] == value for name, value in _columns(purpose).items()]
    query = select(table).where(*same).order_by(table.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return None if row is None else _fit(row)


def promote(connection: Connection, promotion: Promotion) -> None:
    """Make a stored fit the champion of its purpose from now on."""
    values = {
        "fit_id": promotion.fit_id,
        "sha256": promotion.sha256,
        "promoted_by": promotion.by,
        "reason": promotion.reason,
        "figures": dict(promotion.figures),
        "as_of": promotion.as_of,
        "recorded_at": promotion.promoted_at,
    }
    connection.execute(insert(promotion_table).values(values | _columns(promotion.purpose)))


def champions(
    connection: Connection, cut: Cut, source: str, purpose: Purpose | None = None
) -> list[Fit]:
    """Return the champions of a source under a cut: the last promoted fit of each slot.

    A slot is a source, target, level and horizon, whatever the source of the outcomes. With
    `purpose`, return only the fit that was last promoted for exactly this purpose, which includes
    the source of its outcomes.

    Raises:
        ModelError: The document of a champion is not the one that was promoted.
    """
    last = (
        select(func.max(promotion_table.c.id))
        .where(promotion_table.c.source == source, *cut.clauses(promotion_table, known="as_of"))
        .group_by(*(promotion_table.c[name] for name in _SLOT))
    )
    if purpose is not None:
        only = _columns(purpose).items()
        last = last.where(*(promotion_table.c[name] == value for name, value in only))
    query = (
        select(table, promotion_table.c.sha256.label("promoted_sha256"))
        .join(promotion_table, promotion_table.c.fit_id == table.c.id)
        .where(promotion_table.c.id.in_(last))
        .order_by(table.c.id)
    )
    rows = connection.execute(query).mappings()
    return [_checked(_fit(row), row["promoted_sha256"]) for row in rows]


def with_other_outcomes(connection: Connection) -> list[str]:
    """Return the fits whose outcomes come from another source than their signals.

    Each is named as scores name their model: `name@version`.
    """
    query = (
        select(table.c.name, table.c.version, table.c.sha256)
        .where(table.c.outcomes != "")
        .order_by(table.c.id)
    )
    return [
        f"{row.name}@{stamped_version(row.version, row.sha256)}"
        for row in connection.execute(query)
    ]


def promotions(connection: Connection, cut: Cut) -> list[Promotion]:
    """Return every promotion under a cut, oldest first."""
    chosen = promotion_table
    query = select(chosen).where(*cut.clauses(chosen, known="as_of")).order_by(chosen.c.id)
    return [
        Promotion(
            fit_id=row["fit_id"],
            purpose=_purpose(row),
            sha256=row["sha256"],
            promoted_at=row["recorded_at"],
            as_of=row["as_of"],
            by=row["promoted_by"],
            reason=row["reason"],
            figures=row["figures"],
        )
        for row in connection.execute(query).mappings()
    ]


def _checked(fit: Fit, sha256: str) -> Fit:
    """Return the fit, if its document is the one that was stored and promoted.

    Raises:
        ModelError: The document was altered.
    """
    found = sha256_of(fit.document)
    if not found == fit.sha256 == sha256:
        raise ModelError(
            f"the fitted model {fit.id} ({fit.purpose}) was altered after it was stored: its hash "
            f"is {found[:12]} and not {sha256[:12]}; restore the database from a back-up, or "
            "promote another one with `ewarn models promote`"
        )
    return fit


def _columns(purpose: Purpose) -> dict[str, Any]:
    return {
        "source": purpose.source,
        "target": purpose.target.value,
        "level": purpose.level.value,
        "horizon_weeks": purpose.horizon_weeks,
        "outcomes": purpose.outcomes,
    }


def _purpose(row: RowMapping) -> Purpose:
    return Purpose(
        row["source"],
        Target(row["target"]),
        Level(row["level"]),
        row["horizon_weeks"],
        row["outcomes"],
    )


def _fit(row: RowMapping) -> Fit:
    return Fit(
        id=row["id"],
        name=row["name"],
        version=row["version"],
        purpose=_purpose(row),
        document=row["document"],
        sha256=row["sha256"],
        first_week=row["first_week"],
        labels_before=row["labels_before"],
        as_of=row["as_of"],
        fitted_at=row["recorded_at"],
    )
