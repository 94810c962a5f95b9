"""Tests of the pipeline within a week: new events are scored and notified, and never lower."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from ewarn.domain.alert import Alert, AlertState, ChangeKind
from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.source import Coverage, Payload
from ewarn.frames.events import ParsedBatch
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.alerts.corrections import correct
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.scoring.score import ScoreReport, score
from ewarn.pipeline.service import Service
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes, score_pages, score_standing, scores
from tests.events import frame, row
from tests.pipeline.invented import Echo, InventedSource
from tests.scores import moment, origin

WATCHED = ("TGO", "BEN")
HOURS = timedelta(hours=1)


def lethal(name: str, day: date, known_at: datetime, **others: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "kind": "force",
        "occurred_on": day,
        "known_at": known_at,
        "fatalities_low": 1,
    }
    return row(name, **(said | others))


def brought(source: InventedSource, name: str, at: datetime, *rows: dict[str, Any]) -> None:
    source.payloads.append(Payload("invented", name, name.encode(), at))
    covered = tuple(
        Coverage("invented", each, origin(-60), origin(0) - timedelta(7)) for each in WATCHED
    )
    source.batches[name] = ParsedBatch(frame(*rows), coverage=covered)


def week(source: InventedSource) -> datetime:
    """Let one die in Benin in a quiet past, and three in Togo on the Tuesday, known that night."""
    old = origin(-1)
    there = {"country": "BEN", "region": "BJ-BO"}
    brought(source, "past", moment(0), lethal("old", old, moment(0), **there))
    night = moment(0) + 40 * HOURS
    day = night.date()
    deaths = (lethal(f"new.{number}", day, night) for number in range(3))
    brought(source, "tuesday", night, *deaths)
    return night


def run(service: Service, source: InventedSource, now: datetime) -> tuple[ScoreReport, Any]:
    ingest(service, source, now)
    report = score(service, "invented", now)
    return report, alert(service, now)


def shown(service: Service, now: datetime, **wanted: Any) -> list[Score]:
    """Return the scores that lists show at a moment."""
    with service.store.read() as connection:
        runs = scores.latest_runs(connection, Cut.at(now), interim=True)
        return score_pages.standing(connection, runs.values(), scores.ScoreFilter(**wanted))


def its_alert(service: Service) -> Alert:
    with service.store.read() as connection:
        (found,) = alerts.standing(connection)
    return found


def test_what_happens_on_a_tuesday_is_told_that_night(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    report, decided = run(service, source, moment(0))
    assert (report.run is not None, report.interim_run, decided.changes) == (True, None, ())
    report, decided = run(service, source, night + HOURS)
    assert (report.run, report.raised) == (None, 1)
    (told,) = decided.changes
    assert (told.change.kind, told.suppression) == (ChangeKind.OPENED, None)
    assert told.score.before[:2] == (0.0, None)  # Monday's score comes before it
    assert its_alert(service).opened_on == night.date()
    (raised,) = [each for each in shown(service, night + HOURS) if each.interim]
    assert (raised.region, raised.origin, raised.as_of) == ("TG-M", origin(0), night)
    assert raised.probability == 0.3
    assert [driver.event_ids for driver in raised.drivers] == [("new.0", "new.1", "new.2")]


def test_doing_it_again_changes_nothing(service: Service, source: InventedSource) -> None:
    night = week(source)
    for now in (moment(0), night + HOURS):
        run(service, source, now)
    for hours in (1, 2, 9):
        report, decided = run(service, source, night + hours * HOURS)
        assert (report.run, report.interim_run, decided.changes) == (None, None, ())


def test_other_countries_keep_what_stands(service: Service, source: InventedSource) -> None:
    night = week(source)
    run(service, source, moment(0))
    before = shown(service, moment(0), countries=("BEN",))
    run(service, source, night + HOURS)
    assert shown(service, night + HOURS, countries=("BEN",)) == before
    with service.store.read() as connection:
        runs = scores.latest_runs(connection, Cut.at(night + HOURS), interim=True)
        held = {
            country: score_standing.of_runs(connection, runs.values(), (country,))[0].since_run
            for country in WATCHED
        }
    assert held["TGO"] > held["BEN"]
    everything = shown(service, night + HOURS)
    assert len(everything) == len({each.region for each in everything}) > 15


def test_nothing_in_the_week_so_far_lowers_a_score(
    service: Service, source: InventedSource
) -> None:
    week(source)
    # A week later these events are outside the four weeks that the model reads.
    three = [lethal(f"old.{number}", origin(-4), moment(0)) for number in range(3)]
    brought(source, "three", moment(0), *three)
    run(service, source, moment(0))
    quiet = lethal("savanes", origin(0), moment(0) + 30 * HOURS, region="TG-S")
    brought(source, "monday", moment(0) + 30 * HOURS, quiet)
    run(service, source, moment(0) + 31 * HOURS)
    by_region = {each.region: each for each in shown(service, moment(0) + 31 * HOURS)}
    assert not by_region["TG-M"].interim
    assert (by_region["TG-M"].probability, by_region["TG-S"].probability) == (0.3, 0.1)
    assert by_region["TG-S"].interim


def test_what_was_taken_back_in_the_week_falls_to_monday_s_score(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    run(service, source, moment(0))
    run(service, source, night + HOURS)
    gone = [
        lethal(f"new.{number}", night.date(), night + 2 * HOURS, deleted=True)
        for number in range(3)
    ]
    brought(source, "gone", night + 2 * HOURS, *gone)
    report, decided = run(service, source, night + 3 * HOURS)
    assert (report.interim_run is not None, report.raised) == (True, 0)
    assert decided.changes == ()  # a person may close it; the next Monday counts as calm
    assert its_alert(service).is_standing
    assert not any(each.interim for each in shown(service, night + 3 * HOURS))


def test_the_next_monday_replaces_it(service: Service, source: InventedSource) -> None:
    night = week(source)
    for now in (moment(0), night + HOURS):
        run(service, source, now)
    covered = tuple(Coverage("invented", each, origin(-60), origin(0)) for each in WATCHED)
    source.payloads.append(Payload("invented", "rest", b"rest", moment(1)))
    there = lethal("rest", origin(-2), moment(1), country="BEN", kind="arrest")
    source.batches["rest"] = ParsedBatch(frame(there), coverage=covered)
    report, decided = run(service, source, moment(1))
    assert report.run is not None
    assert decided.changes == ()
    assert not any(each.interim for each in shown(service, moment(1)))
    assert its_alert(service).last_origin == origin(1)


def test_history_judging_and_a_past_moment_keep_them_apart(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    for now in (moment(0), night + HOURS):
        run(service, source, now)
    with service.store.read() as connection:
        finals = scores.latest_runs(connection, Cut())
        newest = scores.latest_runs(connection, Cut(), interim=True)
        past = score_pages.history(connection, Cut(), scores.ScoreFilter(), limit=9)
        judged = outcomes.standing_runs(connection, night + HOURS)
    assert finals["invented"] < newest["invented"]
    assert not any(each.interim for each in past)
    assert [each.id for each in judged] == [finals["invented"]]
    assert not any(each.interim for each in shown(service, night - HOURS))


def test_a_monday_that_is_scored_again_keeps_what_the_week_raised(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    run(service, source, moment(0))
    run(service, source, night + HOURS)
    late = lethal("late", origin(-1), moment(0), country="BEN", region="BJ-AL")
    brought(source, "late", night + 2 * HOURS, late)
    report, _ = run(service, source, night + 3 * HOURS)
    assert report.run is not None
    assert report.raised == 1
    by_region = {each.region: each for each in shown(service, night + 3 * HOURS)}
    assert by_region["TG-M"].probability == 0.3
    assert by_region["BJ-AL"].probability == 0.1


def test_a_past_origin_has_no_week_so_far(service: Service, source: InventedSource) -> None:
    night = week(source)
    ingest(service, source, night + HOURS)
    assert score(service, "invented", night + HOURS, origin=origin(-1)).interim_run is None


def test_an_alert_of_a_week_so_far_is_held_against_that_week_s_data(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    for now in (moment(0), night + HOURS):
        run(service, source, now)
    assert correct(service, night + 2 * HOURS).scored == 0  # the week is not over
    gone = [
        lethal(f"new.{number}", night.date(), moment(1) + HOURS, deleted=True)
        for number in range(3)
    ]
    brought(source, "gone", moment(1) + HOURS, *gone)
    covered = tuple(Coverage("invented", each, origin(-60), origin(0)) for each in WATCHED)
    batch = source.batches["gone"]
    assert isinstance(batch, ParsedBatch)
    source.batches["gone"] = replace(batch, coverage=covered)
    ingest(service, source, moment(1) + 2 * HOURS)
    score(service, "invented", moment(1) + 2 * HOURS)
    found = correct(service, moment(1) + 3 * HOURS)
    assert [told.change.kind for told in found.changes] == [ChangeKind.CORRECTED]


def test_a_country_s_own_score_rises_with_its_region(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    both = replace(service, models=lambda *_: (Echo(), Echo(level=Level.COUNTRY)))
    for now in (moment(0), night + HOURS):
        run(both, source, now)
    raised = {each.region for each in shown(service, night + HOURS) if each.interim}
    assert raised == {"TGO", "TG-M"}
    assert its_alert(service).state is AlertState.OPEN


def test_rules_at_a_past_moment_do_not_hear_what_became_known_later(
    service: Service, source: InventedSource
) -> None:
    night = week(source)
    for now in (moment(0), night + HOURS):
        ingest(service, source, now)
        score(service, "invented", now)
    assert alert(service, night - HOURS).changes == ()
    assert len(alert(service, night + HOURS).changes) == 1
