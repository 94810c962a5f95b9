"""Outcomes: what followed each score, stored beside the score when it can be known."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, insert, select

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.store.scores.fits import with_other_outcomes
from ewarn.store.tables.scores import score, score_outcome, score_run


@dataclass(frozen=True, slots=True)
class CountedRun:
    """The run of a source and origin whose scores are evaluated: the last run of that week.

    Later runs of an origin are reconstructions and prove nothing.
    """

    id: int
    source: str
    origin: date
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class JudgedScore:
    """A score with its outcome. The outcome is None if it was not observed."""

    model: str
    region: str
    country: str
    origin: date
    probability: float
    outcome: bool | None
    as_of: datetime


def standing_runs(connection: Connection, now: datetime) -> list[CountedRun]:
    """Return the evaluated run of each source and origin, as recorded by `now`.

    Interim runs are left out.
    """
    columns = (score_run.c.id, score_run.c.source, score_run.c.origin, score_run.c.recorded_at)
    counts = score_run.c.interim.is_(False), score_run.c.recorded_at <= now
    query = select(*columns).where(*counts).order_by(score_run.c.id)
    found: dict[tuple[str, date], CountedRun] = {}
    for row in connection.execute(query):
        if row.recorded_at < midnight(row.origin + WEEK):
            found[row.source, row.origin] = CountedRun(*row)
    return list(found.values())


def unjudged(connection: Connection, run: CountedRun) -> dict[Purpose, list[tuple[int, str]]]:
    """Return the ids and regions of a run's calibrated scores without an outcome, by purpose.

    Scores are left out whose model was trained on outcomes of another source, because the counts of
    the signals' source do not measure what they predict.
    """
    judged = exists().where(score_outcome.c.score_id == score.c.id)
    query = (
        select(score.c.id, score.c.region, score.c.country, score.c.target, score.c.horizon_weeks)
        .where(
            score.c.run_id == run.id,
            score.c.basis == Basis.CALIBRATED.value,
            score.c.model.not_in(with_other_outcomes(connection)),
            ~judged,
        )
        .order_by(score.c.id)
    )
    found: dict[Purpose, list[tuple[int, str]]] = {}
    for row in connection.execute(query):
        level = Level.COUNTRY if row.region == row.country else Level.ADMIN1
        purpose = Purpose(run.source, Target(row.target), level, row.horizon_weeks)
        found.setdefault(purpose, []).append((row.id, row.region))
    return found


def record(
    connection: Connection, found: Mapping[int, bool | None], as_of: datetime, now: datetime
) -> None:
    """Store the outcomes of scores by id, as known at `as_of`.

    Whether a region was under a deployment is stored as unknown.
    """
    rows = [
        {
            "score_id": id_,
            "outcome": outcome,
            "deployed": None,
            "as_of": as_of,
            "recorded_at": now,
        }
        for id_, outcome in found.items()
    ]
    if rows:
        connection.execute(insert(score_outcome), rows)


def purposes(connection: Connection) -> list[Purpose]:
    """Return every purpose for which an outcome is stored, sorted."""
    is_country = (score.c.region == score.c.country).label("is_country")
    columns = (score_run.c.source, score.c.target, score.c.horizon_weeks, is_country)
    query = (
        select(*columns)
        .join(score_outcome, score_outcome.c.score_id == score.c.id)
        .join(score_run, score_run.c.id == score.c.run_id)
        .distinct()
    )
    return sorted(
        Purpose(
            row.source,
            Target(row.target),
            Level.COUNTRY if row.is_country else Level.ADMIN1,
            row.horizon_weeks,
        )
        for row in connection.execute(query)
    )


def judged(connection: Connection, purpose: Purpose) -> list[JudgedScore]:
    """Return every score of a purpose that has an outcome stored, by origin and region."""
    is_country = score.c.region == score.c.country
    query = (
        select(
            score.c.model,
            score.c.region,
            score.c.country,
            score.c.origin,
            score.c.probability,
            score_outcome.c.outcome,
            score_outcome.c.as_of,
        )
        .join(score_outcome, score_outcome.c.score_id == score.c.id)
        .join(score_run, score_run.c.id == score.c.run_id)
        .where(
            score_run.c.source == purpose.source,
            score.c.target == purpose.target.value,
            score.c.horizon_weeks == purpose.horizon_weeks,
            is_country if purpose.level is Level.COUNTRY else ~is_country,
        )
        .order_by(score.c.origin, score.c.region)
    )
    return [JudgedScore(*row) for row in connection.execute(query)]


def of_regions(
    connection: Connection, purpose: Purpose, regions: Collection[str]
) -> dict[tuple[str, date], bool | None]:
    """Return the outcomes of the scores of some regions for a purpose, by region and origin.

    An outcome is None if it was not observed. Scores without a stored outcome are absent.
    """
    query = (
        select(score.c.region, score.c.origin, score_outcome.c.outcome)
        .join(score_outcome, score_outcome.c.score_id == score.c.id)
        .join(score_run, score_run.c.id == score.c.run_id)
        .where(
            score_run.c.source == purpose.source,
            score.c.target == purpose.target.value,
            score.c.horizon_weeks == purpose.horizon_weeks,
            score.c.region.in_(regions),
        )
    )
    return {(row.region, row.origin): row.outcome for row in connection.execute(query)}


def sources_of(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Return the source of each of some scores, by id."""
    wanted: Sequence[int] = [int(item) for item in ids if item]
    query = (
        select(score.c.id, score_run.c.source)
        .join(score_run, score_run.c.id == score.c.run_id)
        .where(score.c.id.in_(wanted))
    )
    return {str(row.id): row.source for row in connection.execute(query)}
