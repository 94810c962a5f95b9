"""Scores: written in runs, one per source and origin, and read under both time cuts.

A final run is about a Monday and covers every country. An interim run is about the days after it,
and covers only the countries that it changes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, insert, or_, select, true

from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.target import Basis, Target
from ewarn.store.database import locks
from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.scores import score_standing
from ewarn.store.scores.score_rows import row_of, score_of
from ewarn.store.tables.scores import score as table
from ewarn.store.tables.scores import score_run


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """A run of a source. `inputs` is the hash of all its inputs."""

    id: int
    recorded_at: datetime
    inputs: str
    interim: bool


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Conditions on scores; empty tuples and None mean no condition. Both origins are included."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    horizon_weeks: int | None = None
    since: date | None = None
    until: date | None = None
    at_least: float | None = None  # probability; scores without one pass
    level: Level | None = None
    bands: tuple[str, ...] = ()
    has_probability: bool = False
    interim: bool = False  # only interim scores
    # These pass whatever their probability: a false discovery rate up to this, and some regions.
    or_alarming: float | None = None
    or_regions: tuple[str, ...] = ()

    def clauses(self) -> list[ColumnElement[bool]]:
        """Return the SQL conditions on the score table."""
        clauses: list[ColumnElement[bool]] = []
        if self.countries:
            clauses.append(table.c.country.in_(self.countries))
        if self.regions:
            clauses.append(table.c.region.in_(self.regions))
        if self.targets:
            clauses.append(table.c.target.in_(self.targets))
        if self.bands:
            clauses.append(table.c.band.in_(self.bands))
        if self.horizon_weeks is not None:
            clauses.append(table.c.horizon_weeks == self.horizon_weeks)
        clauses += self._of_probability()
        if self.interim:
            clauses.append(table.c.interim.is_(True))
        if self.since is not None:
            clauses.append(table.c.origin >= self.since)
        if self.until is not None:
            clauses.append(table.c.origin <= self.until)
        if self.level is Level.COUNTRY:
            clauses.append(table.c.region == table.c.country)
        if self.level is Level.ADMIN1:
            clauses.append(table.c.region != table.c.country)
        return clauses

    def _of_probability(self) -> list[ColumnElement[bool]]:
        known = table.c.probability.is_not(None)
        clauses: list[ColumnElement[bool]] = [known] if self.has_probability else []
        if self.at_least is not None:
            clauses.append(~known | (table.c.probability >= self.at_least))
        others: list[ColumnElement[bool]] = []
        if self.or_alarming is not None:
            others.append(table.c.false_discovery <= self.or_alarming)
        if self.or_regions:
            others.append(among(table.c.region, self.or_regions))
        return [or_(and_(true(), *clauses), *others)] if others else clauses


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that is not stored yet, with its rows prepared so that storing it takes little time.

    `digests` are the hashes of its scores by country. In countries that an `interim` run does not
    hold, the scores of the run before stay in force.
    """

    source: str
    origin: date
    inputs: str
    as_of: datetime
    recorded_at: datetime
    interim: bool
    rows: tuple[dict[str, Any], ...]
    digests: Mapping[str, str]


def new_run(
    source: str,
    origin: date,
    inputs: str,
    scores: Sequence[Score],
    recorded_at: datetime,
    *,
    interim: bool = False,
) -> NewRun:
    """Return a run of scores that is ready to be stored. `inputs` is the hash of all its inputs."""
    rows = tuple(row_of(score) for score in scores)
    return NewRun(
        source=source,
        origin=origin,
        inputs=inputs,
        as_of=max((score.as_of for score in scores), default=recorded_at),
        recorded_at=recorded_at,
        interim=interim,
        rows=rows,
        digests=score_standing.digests(rows),
    )


def add(
    connection: Connection, new: NewRun, before: ScoreRun | None, recorded_at: datetime
) -> int | None:
    """Store a run, if the newest run of its source and origin is still `before` (None: no run).

    Returns:
        The id of the run, or None if another run was stored meanwhile. Nothing is written then.
    """
    locks.hold(connection, score_run)
    if newest_run(connection, new.source, new.origin) != before:
        return None
    values = {
        name: getattr(new, name) for name in ("source", "origin", "as_of", "inputs", "interim")
    }
    values["recorded_at"] = recorded_at
    run_id = int(
        connection.execute(insert(score_run).values(values).returning(score_run.c.id)).scalar_one()
    )
    if new.rows:
        stamped = insert(table).values(run_id=run_id, recorded_at=recorded_at)
        connection.execute(stamped, list(new.rows))
        replaced = None if before is None else before.id
        score_standing.record(connection, run_id, replaced, new.digests, partial=new.interim)
    return run_id


def record(
    connection: Connection,
    source: str,
    origin: date,
    inputs: str,
    scores: Sequence[Score],
    recorded_at: datetime,
    *,
    interim: bool = False,
) -> int:
    """Store scores as the newest run of their source and origin. Return the id of the run."""
    new = new_run(source, origin, inputs, scores, recorded_at, interim=interim)
    locks.hold(connection, score_run)
    run_id = add(connection, new, newest_run(connection, source, origin), recorded_at)
    assert run_id is not None  # the lock keeps other writers off
    return run_id


def are_standing(connection: Connection, run_id: int, scores: Sequence[Score]) -> bool:
    """Return whether scores of whole countries equal those in force after a run."""
    return score_standing.are_standing(connection, run_id, map(row_of, scores))


def inputs_of_last_run(connection: Connection, source: str, origin: date) -> str | None:
    """Return the input hash of the newest final run of a source and origin, or None."""
    found = newest_run(connection, source, origin, interim=False)
    return None if found is None else found.inputs


def newest_run(
    connection: Connection, source: str, origin: date, *, interim: bool = True
) -> ScoreRun | None:
    """Return the newest run of a source and origin, or None. `interim` includes interim runs."""
    columns = score_run.c
    query = (
        select(columns.id, columns.recorded_at, columns.inputs, columns.interim)
        .where(columns.source == source, columns.origin == origin, *finals(interim))
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else ScoreRun(*row)


def of_monday(
    connection: Connection, source: str, origin: date, countries: tuple[str, ...]
) -> list[Score]:
    """Return the scores of some countries in the newest final run of a source and origin."""
    run = newest_run(connection, source, origin, interim=False)
    wanted = ScoreFilter(countries=countries)
    return [] if run is None else in_runs(connection, [run.id], wanted)


def probabilities(
    connection: Connection, run: int, target: Target, horizon_weeks: int, level: Level
) -> dict[str, float | None]:
    """Return the probability by region in a run, for one target, horizon and level."""
    is_country = table.c.region == table.c.country
    rows = connection.execute(
        select(table.c.region, table.c.probability).where(
            table.c.run_id == run,
            table.c.target == target.value,
            table.c.horizon_weeks == horizon_weeks,
            is_country if level is Level.COUNTRY else ~is_country,
        )
    )
    return {row.region: row.probability for row in rows}


def means_of_quiet(
    connection: Connection, source: str, origin: date
) -> dict[tuple[Target, int, Level], float]:
    """Return the mean probability of the quiet regions by target, horizon and level.

    It is of the newest final run of a source and origin. Quiet regions have a relative risk.
    """
    run = newest_run(connection, source, origin, interim=False)
    if run is None:
        return {}
    is_country = table.c.region == table.c.country
    rows = connection.execute(
        select(table.c.target, table.c.horizon_weeks, is_country, func.avg(table.c.probability))
        .where(table.c.run_id == run.id, table.c.relative_risk.is_not(None))
        .group_by(table.c.target, table.c.horizon_weeks, is_country)
    )
    return {
        (Target(target), horizon, Level.COUNTRY if of_country else Level.ADMIN1): mean
        for target, horizon, of_country, mean in rows
    }


def finals(interim: bool) -> list[ColumnElement[bool]]:
    """Return the SQL condition that leaves out interim runs, or none if they are wanted."""
    return [] if interim else [score_run.c.interim.is_(False)]


def latest_runs(
    connection: Connection,
    cut: Cut,
    *,
    origin: date | None = None,
    interim: bool = False,
    without: Collection[str] = (),
) -> dict[str, int]:
    """Return the id of each source's newest run under a cut, `without` some sources.

    It is of the source's latest origin, or of `origin`. If `interim` runs are included, read the
    scores with `standing`, because an interim run holds only the countries that it changed.
    """
    ranked = select(
        score_run.c.source,
        score_run.c.id,
        func.row_number()
        .over(
            partition_by=score_run.c.source,
            order_by=(score_run.c.origin.desc(), score_run.c.id.desc()),
        )
        .label("age"),
    ).where(*cut.clauses(score_run, known="as_of"), *finals(interim))
    if origin is not None:
        ranked = ranked.where(score_run.c.origin == origin)
    if without:
        ranked = ranked.where(score_run.c.source.not_in(without))
    newest = ranked.subquery()
    rows = connection.execute(select(newest).where(newest.c.age == 1))
    return {row.source: int(row.id) for row in rows}


def newest_origin(connection: Connection, cut: Cut) -> date | None:
    """Return the latest origin that was scored under a cut, or None."""
    query = select(func.max(score_run.c.origin)).where(*cut.clauses(score_run, known="as_of"))
    found: date | None = connection.execute(query).scalar()
    return found


def origins(connection: Connection, cut: Cut) -> list[date]:
    """Return every origin that was scored under a cut, in ascending order."""
    query = select(score_run.c.origin).where(*cut.clauses(score_run, known="as_of")).distinct()
    return list(connection.execute(query.order_by(score_run.c.origin)).scalars())


def in_runs(
    connection: Connection,
    runs: Sequence[int],
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
    are_few: bool = False,
) -> list[Score]:
    """Return scores of some runs by id.

    Args:
        after: The last id of the previous page.
        limit: The largest number of scores; None for all.
        are_few: Whether few scores of these runs are wanted, so that sorting them is quick.
    """
    query = select(table).where(table.c.run_id.in_(runs), *wanted.clauses())
    return page_of(connection, query, after, limit, are_few=are_few)


def page_of(
    connection: Connection,
    query: Select[Any],
    after: int | None,
    limit: int | None,
    *,
    are_few: bool,
) -> list[Score]:
    """Return a page of the scores that a query selects, by id; see `in_runs`."""
    if after is not None:
        query = query.where(table.c.id > after)
    # Runs are stored one after the other, so this is the order of ids too, and an index has it. A
    # planner that orders by id alone may walk all scores that were ever stored. Few scores are
    # ordered by what no index has, so that they are found by their country or region.
    order = (table.c.id + 0,) if are_few else (table.c.run_id, table.c.id)
    return [score_of(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def by_id(connection: Connection, score_id: int) -> Score | None:
    """Return one score, or None."""
    row = connection.execute(select(table).where(table.c.id == score_id)).first()
    return None if row is None else score_of(row)


def by_ids(connection: Connection, ids: Collection[str]) -> list[Score]:
    """Return the existing scores among some ids, in the order of their ids."""
    if not ids:
        return []
    query = select(table).where(table.c.id.in_([int(id_) for id_ in ids])).order_by(table.c.id)
    return [score_of(row) for row in connection.execute(query)]


def bases(connection: Connection, ids: Collection[str]) -> dict[str, Basis]:
    """Return the basis of each of some scores, by id."""
    rows = connection.execute(
        select(table.c.id, table.c.basis).where(table.c.id.in_([int(item) for item in ids if item]))
    )
    return {str(row.id): Basis(row.basis) for row in rows}
