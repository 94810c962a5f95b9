"""Since which run the scores of each country are unchanged.

A run scores every country, and most countries get the same scores as before. A reader who may see
only some countries must not learn from an entity tag that scores elsewhere changed, and need not
fetch unchanged scores again.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from ewarn.store.tables.scores import score_run
from ewarn.store.tables.scores import score_standing as table

# A relative risk may change although nothing changed in this country.
_NOT_CONTENT = frozenset({"run_id", "recorded_at", "relative_risk"})


@dataclass(frozen=True, slots=True)
class StandingScores:
    """The scores of a source in force in some countries.

    Attributes:
        since_run: The run that changed them last.
        countries: The number of countries.
        recorded_at: When that run was recorded.
        origin: The origin of that run.
    """

    source: str
    since_run: int
    countries: int
    recorded_at: datetime
    origin: date


def record(
    connection: Connection,
    run_id: int,
    before: int | None,
    digests: Mapping[str, str],
    *,
    partial: bool = False,
) -> None:
    """Store since which run the scores of each country are unchanged, after a new run.

    Args:
        before: The run of the same source and origin that this run replaces; None for the first.
        digests: The hash of the run's scores by country.
        partial: Whether the run leaves the scores of the countries unchanged that it does not name.
    """
    earlier = _standing(connection, before)
    kept = {country: digest for country, (digest, _) in earlier.items()} if partial else {}
    values = []
    for country, digest in (kept | dict(digests)).items():
        known, since = earlier.get(country, ("", run_id))
        since_run = since if known == digest else run_id
        values.append(
            {"run_id": run_id, "country": country, "digest": digest, "since_run": since_run}
        )
    if values:
        connection.execute(insert(table), values)


def are_standing(connection: Connection, run_id: int, rows: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether the scores of the countries in `rows` equal those in force after a run."""
    standing = _standing(connection, run_id)
    return all(
        standing.get(country, ("", 0))[0] == digest for country, digest in digests(rows).items()
    )


def _standing(connection: Connection, run_id: int | None) -> dict[str, tuple[str, int]]:
    """Return the digest by country after a run, each with the run since which it is unchanged."""
    if run_id is None:
        return {}
    query = select(table.c.country, table.c.digest, table.c.since_run)
    found = connection.execute(query.where(table.c.run_id == run_id))
    return {row.country: (row.digest, row.since_run) for row in found}


def of_runs(
    connection: Connection, runs: Collection[int], countries: Collection[str]
) -> list[StandingScores]:
    """Return the scores in force after the newest runs in some countries, by source.

    No countries mean all. The scores of these countries last changed in the run `since_run`.
    """
    chosen = [table.c.run_id.in_(runs)]
    if countries:
        chosen.append(table.c.country.in_(countries))
    newest = (
        select(
            table.c.run_id,
            func.max(table.c.since_run).label("since_run"),
            func.count().label("countries"),
        )
        .where(*chosen)
        .group_by(table.c.run_id)
        .subquery()
    )
    run = score_run
    query = (
        select(
            run.c.source, newest.c.since_run, newest.c.countries, run.c.recorded_at, run.c.origin
        )
        .join(run, run.c.id == newest.c.since_run)
        .order_by(run.c.source)
    )
    return [StandingScores(*row) for row in connection.execute(query)]


def digests(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the hash of the scores by country, whatever their order and recording time."""
    texts: dict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        content = {name: value for name, value in row.items() if name not in _NOT_CONTENT}
        texts[row["country"]].append(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return {
        country: hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()[:32]
        for country, lines in texts.items()
    }
