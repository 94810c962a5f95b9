"""Scores: written in runs, one per source and origin, read under both cuts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, true

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
from ewarn.store.tables.scores import score_standing as standing_table


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """A run of a source: when it was recorded, the hash of its inputs, whether it is interim."""

    id: int
    recorded_at: datetime
    inputs: str
    interim: bool


@dataclass(frozen=True, slots=True)
class ScoreFilter:
    """Which scores; empty tuples and None mean all. Origins are both included."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    horizon_weeks: int | None = None
    since: date | None = None
    until: date | None = None
    at_least: float | None = None  # probability; scores without one are kept
    level: Level | None = None
    has_probability: bool = False
    interim: bool = False  # no other ones
    # Kept with or without such a probability: the share of mistaken alarms, and some regions.
    or_alarming: float | None = None
    or_regions: tuple[str, ...] = ()

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions on the score table."""
        clauses: list[ColumnElement[bool]] = []
        if self.countries:
            clauses.append(table.c.country.in_(self.countries))
        if self.regions:
            clauses.append(table.c.region.in_(self.regions))
        if self.targets:
            clauses.append(table.c.target.in_(self.targets))
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
    """A run that is not stored yet, with its rows ready, so that storing it takes a moment only.

    `digests` are those of its scores by country. An `interim` run holds the countries that it
    changes; of the others the scores before stand.
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
    """A run of scores, ready to be stored; `inputs` is the hash of what they were made of."""
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
    """Store a run as of a moment, if the newest one of its source and origin is still `before`
    (None: there is none).

    Returns its id; None where another was stored meanwhile, and nothing was written.
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
    """Store the scores of one run after whatever was stored before. Returns the run's id."""
    new = new_run(source, origin, inputs, scores, recorded_at, interim=interim)
    locks.hold(connection, score_run)
    run_id = add(connection, new, newest_run(connection, source, origin), recorded_at)
    assert run_id is not None  # nobody else could store any
    return run_id


def are_standing(connection: Connection, run_id: int, scores: Sequence[Score]) -> bool:
    """Whether scores of whole countries say what stands since a run already."""
    return score_standing.are_standing(connection, run_id, map(row_of, scores))


def inputs_of_last_run(connection: Connection, source: str, origin: date) -> str | None:
    """The input hash of the newest Monday's run of a source at an origin; None if there is none."""
    found = newest_run(connection, source, origin, interim=False)
    return None if found is None else found.inputs


def newest_run(
    connection: Connection, source: str, origin: date, *, interim: bool = True
) -> ScoreRun | None:
    """The newest run of a source at an origin (`interim` ones too), or None."""
    columns = score_run.c
    query = (
        select(columns.id, columns.recorded_at, columns.inputs, columns.interim)
        .where(columns.source == source, columns.origin == origin, *_finals(interim))
        .order_by(columns.id.desc())
        .limit(1)
    )
    row = connection.execute(query).first()
    return None if row is None else ScoreRun(*row)


def of_monday(
    connection: Connection, source: str, origin: date, countries: tuple[str, ...]
) -> list[Score]:
    """The scores of some countries by the newest Monday's run of a source at an origin."""
    run = newest_run(connection, source, origin, interim=False)
    wanted = ScoreFilter(countries=countries)
    return [] if run is None else in_runs(connection, [run.id], wanted)


def probabilities(
    connection: Connection, run: int, target: Target, horizon_weeks: int, level: Level
) -> dict[str, float | None]:
    """Probabilities of the regions that a run scored for a target, horizon and level."""
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
    """Mean probability of the quiet regions by the newest Monday's run of a source at an origin, by
    target, horizon and level."""
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


def interim_scores(
    connection: Connection, cut: Cut, runs: Mapping[str, int], origin: date
) -> list[Score]:
    """The interim scores of an origin that stand under a cut over Monday's `runs`, the newest of
    each source. Those of before a Monday's run that was made again are not among them.
    """
    latest = latest_runs(connection, cut, origin=origin, interim=True)
    newer = [run for source, run in latest.items() if run > runs.get(source, run)]
    return standing(connection, newer, ScoreFilter(interim=True))


def _finals(interim: bool) -> list[ColumnElement[bool]]:
    """The condition that leaves interim runs out, unless they are wanted."""
    return [] if interim else [score_run.c.interim.is_(False)]


def latest_runs(
    connection: Connection,
    cut: Cut,
    *,
    origin: date | None = None,
    interim: bool = False,
    without: Collection[str] = (),
) -> dict[str, int]:
    """Id of each source's newest run under a cut: of its latest origin, or of `origin`; `without`
    some sources.

    `interim` runs too, if wanted: what stands after one is read by `standing`, since it holds the
    countries that it changed alone.
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
    ).where(*cut.clauses(score_run, known="as_of"), *_finals(interim))
    if origin is not None:
        ranked = ranked.where(score_run.c.origin == origin)
    if without:
        ranked = ranked.where(score_run.c.source.not_in(without))
    newest = ranked.subquery()
    rows = connection.execute(select(newest).where(newest.c.age == 1))
    return {row.source: int(row.id) for row in rows}


def newest_origin(connection: Connection, cut: Cut) -> date | None:
    """The latest origin that has been scored under a cut."""
    query = select(func.max(score_run.c.origin)).where(*cut.clauses(score_run, known="as_of"))
    found: date | None = connection.execute(query).scalar()
    return found


def origins(connection: Connection, cut: Cut) -> list[date]:
    """Every origin that has been scored under a cut, ascending."""
    query = select(score_run.c.origin).where(*cut.clauses(score_run, known="as_of")).distinct()
    return list(connection.execute(query.order_by(score_run.c.origin)).scalars())


def in_runs(
    connection: Connection,
    runs: Sequence[int],
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> list[Score]:
    """Scores of the runs named, by id; `after` is the last id of the page before."""
    query = select(table).where(table.c.run_id.in_(runs), *wanted.clauses())
    if after is not None:
        query = query.where(table.c.id > after)
    return [score_of(row) for row in connection.execute(query.order_by(table.c.id).limit(limit))]


def standing(
    connection: Connection,
    runs: Collection[int],
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> list[Score]:
    """The scores that stand after the newest runs, by id: of each country those of the run since
    which they stand. So an answer stays the same until something in it changes.
    """
    held = standing_table.c
    is_held = (held.since_run == table.c.run_id) & (held.country == table.c.country)
    query = (
        select(table).join(standing_table, is_held).where(held.run_id.in_(runs), *wanted.clauses())
    )
    if after is not None:
        query = query.where(table.c.id > after)
    return [score_of(row) for row in connection.execute(query.order_by(table.c.id).limit(limit))]


def history(
    connection: Connection,
    cut: Cut,
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
    without: Collection[str] = (),
) -> list[Score]:
    """The newest score of each (region, target, horizon, origin, source) under a cut, by id;
    `without` some sources. Interim ones are no part of it."""
    known = (*cut.clauses(score_run, known="as_of"), *_finals(interim=False))
    newest = (
        select(func.max(score_run.c.id).label("id"))
        .where(*known, score_run.c.source.not_in(without))
        .group_by(score_run.c.source, score_run.c.origin)
        .subquery()
    )
    query = select(table).join(newest, table.c.run_id == newest.c.id).where(*wanted.clauses())
    if after is not None:
        query = query.where(table.c.id > after)
    return [score_of(row) for row in connection.execute(query.order_by(table.c.id).limit(limit))]


def by_id(connection: Connection, score_id: int) -> Score | None:
    """One score, or None."""
    row = connection.execute(select(table).where(table.c.id == score_id)).first()
    return None if row is None else score_of(row)


def by_ids(connection: Connection, ids: Collection[str]) -> list[Score]:
    """Those of some scores that there are, by id."""
    if not ids:
        return []
    query = select(table).where(table.c.id.in_([int(id_) for id_ in ids])).order_by(table.c.id)
    return [score_of(row) for row in connection.execute(query)]


def bases(connection: Connection, ids: Collection[str]) -> dict[str, Basis]:
    """On what footing each of some scores stands, by id."""
    rows = connection.execute(
        select(table.c.id, table.c.basis).where(table.c.id.in_([int(item) for item in ids if item]))
    )
    return {str(row.id): Basis(row.basis) for row in rows}
