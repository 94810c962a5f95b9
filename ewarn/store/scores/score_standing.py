"""Since which run the scores of each country stand as they are.

A run scores every country, and most of them get the scores they had. Who may see some countries
only must not learn from an entity tag that something was scored elsewhere, nor fetch again what
they have.
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

# A comparison with other countries changes where nothing did here.
_NOT_CONTENT = frozenset({"run_id", "recorded_at", "relative_risk"})


@dataclass(frozen=True, slots=True)
class StandingScores:
    """What stands of a source in some countries: since which run, of which origin, how many."""

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
    """Write down since when the scores of a run stand, by their `digests` of each country.

    `before` is the run of the same source and origin that it replaces (None: the first). A
    `partial` run leaves what stands in countries that it does not name.
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
    """Whether the scores of the countries in `rows` stand as they are after a run."""
    standing = _standing(connection, run_id)
    return all(
        standing.get(country, ("", 0))[0] == digest for country, digest in digests(rows).items()
    )


def _standing(connection: Connection, run_id: int | None) -> dict[str, tuple[str, int]]:
    """The digest of each country after a run, and since which run it stands."""
    if run_id is None:
        return {}
    query = select(table.c.country, table.c.digest, table.c.since_run)
    found = connection.execute(query.where(table.c.run_id == run_id))
    return {row.country: (row.digest, row.since_run) for row in found}


def of_runs(
    connection: Connection, runs: Collection[int], countries: Collection[str]
) -> list[StandingScores]:
    """What stands of the newest runs in some countries (none named: all), by source.

    The scores of these countries changed last with the run `since_run`.
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
    """Hash of the scores of each country, whatever their order, without when they were made."""
    texts: dict[str, list[bytes]] = defaultdict(list)
    for row in rows:
        content = {name: value for name, value in row.items() if name not in _NOT_CONTENT}
        texts[row["country"]].append(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return {
        country: hashlib.sha256(b"\n".join(sorted(lines))).hexdigest()[:32]
        for country, lines in texts.items()
    }
