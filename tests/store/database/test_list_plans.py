"""The plans by which PostgreSQL answers lists: no large table is read or sorted as a whole."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, event, text

from ewarn.domain.score import Score
from ewarn.domain.time import midnight
from ewarn.pipeline.intake.health import RecordedSources
from ewarn.store.alerts import alert_pages, alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.database.engine import Store
from ewarn.store.delivery import deliveries
from ewarn.store.events import event_pages, event_queries
from ewarn.store.events.event_queries import EventFilter
from ewarn.store.scores import score_pages, scores
from ewarn.store.scores.scores import ScoreFilter

LARGE = {"event_version", "score", "alert", "alert_event", "outbox", "ingest_run"}
MOST_SORTED = 5_000  # rows; a page sorts one day, or the world's regions in one run
# A window of 2,000 rows of a kind may be found by walking all kinds, if the kind is not rare.
MOST_PASSED = 10_000
FIRST, DAYS = date(2010, 1, 1), 1000
THEN = midnight(FIRST + timedelta(days=600))
NOW = midnight(FIRST + timedelta(days=DAYS))
FILL = (
    """
    INSERT INTO event_version (source, source_event_id, kind, occurred_on, ended_on,
      date_precision, country, region, location_precision, tags, deleted, content_hash,
      known_at, known_at_estimated, recorded_at)
    SELECT 's' || n % 4, 'e' || n, (ARRAY['protest', 'force', 'riot', 'arrest'])[n % 4 + 1],
      day, day, 'day', 'C' || n % 97, 'R' || n % 1999, 'admin1', '', false, md5(n::text),
      day + interval '1 day', false, day + interval '1 day'
    FROM (SELECT n, date '2010-01-01' + n / 60 AS day FROM generate_series(0, 59999) n) made
    """,
    """
    INSERT INTO ingest_run (source, recorded_at, health, reason, accepted, versions, unchanged,
      tombstones, rejected, skipped, read_until)
    SELECT 's' || n % 4, at, CASE n % 5 WHEN 0 THEN 'broken' ELSE 'ok' END, '', 0, 0, 0, 0, 0, '{}',
      at
    FROM (SELECT n, timestamptz '2010-01-01Z' + n * interval '1 hour' AS at
      FROM generate_series(0, 23999) n) made
    """,
    """
    INSERT INTO score_run (id, source, origin, as_of, recorded_at, inputs, interim)
    SELECT n, 's0', date '2010-01-04' + 7 * n, at, at, n::text, false
    FROM (SELECT n, timestamptz '2010-01-04 06:00Z' + n * interval '7 days' AS at
      FROM generate_series(1, 60) n) made
    """,
    """
    INSERT INTO score_standing (run_id, country, digest, since_run)
    SELECT run, 'C' || c, '', greatest(1, run - c % 5)
    FROM generate_series(1, 60) run, generate_series(0, 96) c
    """,
    """
    INSERT INTO score (run_id, region, country, target, horizon_weeks, origin, model, basis, band,
      completeness, sources, drivers, members, as_of, interim, recorded_at)
    SELECT run, 'R' || r, 'C' || r % 97, 'force', 4, date '2010-01-04' + 7 * run, 'm', 'calibrated',
      'low', 1, '[]', '[]', '{}', at, false, at
    FROM (SELECT run, r, timestamptz '2010-01-04 06:00Z' + run * interval '7 days' AS at
      FROM generate_series(1, 60) run, generate_series(0, 1998) r) made
    """,
    """
    INSERT INTO alert (id, rule, region, country, state, opened_on, last_origin, settled_at)
    SELECT 'a' || n, 'rule', 'R' || n % 1999, 'C' || n % 97, 'closed', day, day, day + 1
    FROM (SELECT n, date '2010-01-01' + n / 20 AS day FROM generate_series(0, 19999) n) made
    """,
    """
    INSERT INTO alert_event (alert_id, kind, at, actor, reason, rule_hash, after, hash)
    SELECT alert.id, 'opened', opened_on + half * interval '36 hours', '', '', '',
      json_build_object('id', id, 'rule', rule, 'region', region, 'country', country,
        'target', 'force', 'horizon_weeks', 4, 'state', state, 'band', 'high', 'highest', 'high',
        'probability', 0.3, 'opened_on', opened_on, 'closed_on', opened_on, 'score_id', '1',
        'last_origin', last_origin)::text, md5(id || half)
    FROM alert, generate_series(0, 1) half
    """,
    """
    INSERT INTO outbox (id, channel, recipient, subject, text, html, body, endpoint, created_at,
      state, attempts, next_attempt_at)
    SELECT 'm' || n, 'log', '', '', '', '', '{}', 'e' || n % 20, at, 'delivered', 1, at
    FROM (SELECT n, timestamptz '2010-01-01Z' + n * interval '1 hour' AS at
      FROM generate_series(0, 19999) n) made
    """,
)

Ask = Callable[[Connection], object]
EVENT_FILTERS = {
    "all": EventFilter(),
    "country": EventFilter(countries=("C5",)),
    "countries": EventFilter(countries=tuple(f"C{n}" for n in range(16))),
    "region": EventFilter(regions=("R7",)),
    "kind": EventFilter(kinds=("force",)),
    "source": EventFilter(sources=("s1",)),
    "country and kind": EventFilter(countries=("C5",), kinds=("riot",)),
    "days": EventFilter(since=FIRST + timedelta(days=100), until=FIRST + timedelta(days=300)),
}
PLACES: dict[str, tuple[str, ...]] = {
    "all": (),
    "country": ("C5",),
    "countries": tuple(f"C{n}" for n in range(16)),
}


def lists(moment: datetime) -> Iterator[tuple[str, Ask]]:
    """Yield what lists ask of the store, as of a moment."""
    cut = Cut.at(moment)
    place = (moment.date() - timedelta(days=30), "s1", "e9")
    for name, events in EVENT_FILTERS.items():
        for after in (None, place):
            ask: Ask = partial(
                event_pages.page, moment=moment, wanted=events, after=after, limit=100
            )
            yield f"events, {name}, after {after}", ask
    yield "versions", lambda c: event_queries.history(c, "s1", "e5", cut)
    for name, places in PLACES.items():
        of_scores = ScoreFilter(countries=places)
        yield f"scores, {name}", partial(newest_scores, cut=cut, wanted=of_scores)
        for id_ in (None, 3_000):
            ask = partial(score_pages.history, cut=cut, wanted=of_scores, after=id_, limit=101)
            yield f"past scores, {name}, after {id_}", ask
        for state in ("closed", "open"):
            of_alerts = alerts.AlertFilter(countries=places, states=(state,))
            ask = partial(alert_pages.page, wanted=of_alerts, moment=moment, limit=100)
            yield f"{state} alerts, {name}", ask
    yield "the newest change", lambda c: alerts.newest_change_of_all(c, moment)
    yield "an alert", lambda c: alerts.find(c, alerts.AlertFilter(ids=("a7",)), moment)
    yield "its timeline", lambda c: alerts.timeline(c, "a7", moment)
    yield "deliveries", lambda c: deliveries.find(c, moment)
    yield "what is recorded of sources", lambda c: RecordedSources.of(c, ["s0", "s1"], moment)


def newest_scores(connection: Connection, cut: Cut, wanted: ScoreFilter) -> list[Score]:
    """Return a page of the newest scores."""
    runs = scores.latest_runs(connection, cut).values()
    return score_pages.standing(connection, runs, wanted, limit=101)


def test_no_list_reads_or_sorts_a_large_table(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    with store.write() as connection:
        for statement in FILL:
            connection.execute(text(statement))
    with store.write() as connection:
        connection.execute(text("ANALYZE"))
    faults = []
    for moment in (NOW, THEN):
        for name, ask in lists(moment):
            for statement, plan in plans_of(store, ask):
                faults += [
                    f"{name} as of {moment:%Y-%m-%d}: {fault}\n{statement}\n{plan}"
                    for fault in faults_of(plan)
                ]
    store.dispose()
    assert not faults, "\n".join(faults)


def test_a_plan_that_reads_or_sorts_too_much_is_a_fault() -> None:
    seq = {"Node Type": "Seq Scan", "Relation Name": "event_version", "Actual Rows": 1}
    many, few = (
        {"Node Type": "Sort", "Plans": [{"Node Type": "Index Scan", "Actual Rows": rows}]}
        for rows in (MOST_SORTED + 1, MOST_SORTED)
    )
    lost = {"Node Type": "Index Scan", "Rows Removed by Filter": MOST_PASSED + 1}
    assert len(list(faults_of({"Node Type": "Limit", "Plans": [seq, many, few, lost]}))) == 3


def plans_of(store: Store, ask: Ask) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each statement of a list with the plan by which it was run."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, parameters: Any, *_others: object) -> None:
        seen.append((statement, parameters))

    with store.read() as connection:
        event.listen(store.engine, "before_cursor_execute", note)
        ask(connection)
        event.remove(store.engine, "before_cursor_execute", note)
        for statement, parameters in seen:
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}"
            ((said,),) = connection.exec_driver_sql(explain, parameters)
            yield statement, said[0]["Plan"]


def faults_of(plan: dict[str, Any]) -> Iterator[str]:
    """Yield what a plan does to a large table as a whole."""
    kind, table = plan["Node Type"], plan.get("Relation Name")
    if kind == "Seq Scan" and table in LARGE:
        yield f"reads all of {table}"
    if kind == "Sort":
        rows = sum(part["Actual Rows"] for part in plan["Plans"])
        if rows > MOST_SORTED:
            yield f"sorts {rows} rows"
    if plan.get("Rows Removed by Filter", 0) * plan.get("Actual Loops", 1) > MOST_PASSED:
        yield f"passes over too many rows of {table}"
    for part in plan.get("Plans", ()):
        yield from faults_of(part)
