"""Pages of scores: those in force after the newest runs, and those of past origins."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from sqlalchemy import Connection, and_, func, or_, select

from ewarn.domain.score import Score
from ewarn.store.database.cuts import Cut
from ewarn.store.database.id_lists import among
from ewarn.store.scores.scores import ScoreFilter, finals, in_runs, latest_runs, page_of
from ewarn.store.tables.scores import score as table
from ewarn.store.tables.scores import score_run
from ewarn.store.tables.scores import score_standing as standing_table

_COUNTRIES_TOGETHER = 30  # whose scores a page looks at in one query, at least
_MANY_COUNTRIES = 100  # of a run: their scores are not sorted for one page
# Runs times places that a page of their history looks at in one query.
_RUNS_OF_COUNTRIES, _RUNS_OF_REGIONS = 50, 500


def interim_scores(
    connection: Connection, cut: Cut, runs: Mapping[str, int], origin: date
) -> list[Score]:
    """Return the interim scores of an origin that are in force under a cut.

    `runs` holds the newest final run of each source. Interim scores older than it are left out.
    """
    latest = latest_runs(connection, cut, origin=origin, interim=True)
    newer = [run for source, run in latest.items() if run > runs.get(source, run)]
    return standing(connection, newer, ScoreFilter(interim=True))


def standing(
    connection: Connection,
    runs: Collection[int],
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> list[Score]:
    """Return the scores in force after the newest runs, by id.

    For each country these are the scores of the run since which they are unchanged. So an answer
    stays the same until something in it changes. `after` is the last id of the previous page.
    """
    found: list[Score] = []
    for held in _held_together(connection, runs, wanted.countries):
        chosen = or_(
            *(
                and_(table.c.run_id == run, among(table.c.country, countries))
                for run, countries in held
            )
        )
        are_few = _number(held) < _MANY_COUNTRIES
        if not are_few:  # what the index that orders them begins with
            chosen = and_(table.c.run_id.in_([run for run, _ in held]), chosen)
        query = select(table).where(chosen, *wanted.clauses())
        left = None if limit is None else limit - len(found)
        found += page_of(connection, query, after, left, are_few=are_few)
        if limit is not None and len(found) >= limit:
            break
    return found


def _held_together(
    connection: Connection, runs: Collection[int], countries: Collection[str]
) -> Iterator[list[tuple[int, list[str]]]]:
    """Yield runs and the countries whose scores stand since then, some at a time, oldest first."""
    held = standing_table.c
    query = select(held.since_run, held.country).where(held.run_id.in_(runs))
    if countries:
        query = query.where(held.country.in_(countries))
    by_run: dict[int, list[str]] = {}
    for row in connection.execute(query.order_by(held.since_run, held.country)):
        by_run.setdefault(row.since_run, []).append(row.country)
    together: list[tuple[int, list[str]]] = []
    for run, of_run in by_run.items():
        together.append((run, of_run))
        if _number(together) >= _COUNTRIES_TOGETHER:
            yield together
            together = []
    if together:
        yield together


def _number(held: list[tuple[int, list[str]]]) -> int:
    return sum(len(countries) for _, countries in held)


def history(
    connection: Connection,
    cut: Cut,
    wanted: ScoreFilter,
    *,
    after: int | None = None,
    limit: int,
    without: Collection[str] = (),
) -> list[Score]:
    """Return the newest final score of each region, target, horizon, origin and source, by id.

    A few runs are read at a time, so that a page takes the same time however many there are.

    Args:
        after: The last id of the previous page.
        limit: The largest number of scores.
        without: Sources that are left out.
    """
    runs = _final_runs(connection, cut, wanted, without)
    if after is not None:
        run = connection.execute(select(table.c.run_id).where(table.c.id == after)).scalar()
        runs = [each for each in runs if each >= (run or 0)]
    found: list[Score] = []
    # All scores of a run fill pages; of some places there are a few in each run.
    places = wanted.regions or wanted.countries
    most = _RUNS_OF_REGIONS if wanted.regions else _RUNS_OF_COUNTRIES
    number = max(1, most // len(places)) if places else 1
    while runs and len(found) < limit:
        some, runs = runs[:number], runs[number:]
        found += in_runs(
            connection, some, wanted, after=after, limit=limit - len(found), are_few=bool(places)
        )
    return found


def _final_runs(
    connection: Connection, cut: Cut, wanted: ScoreFilter, without: Collection[str]
) -> list[int]:
    """Return the newest final run of each source and origin under a cut, in ascending order."""
    origin = score_run.c.origin
    spans = [] if wanted.since is None else [origin >= wanted.since]
    spans += [] if wanted.until is None else [origin <= wanted.until]
    newest = (
        select(func.max(score_run.c.id))
        .where(
            *cut.clauses(score_run, known="as_of"),
            *finals(interim=False),
            *spans,
            score_run.c.source.not_in(without),
        )
        .group_by(score_run.c.source, origin)
    )
    return sorted(connection.execute(newest).scalars())
