"""An invented world for the API's tests and its first page.

Nothing in it happened: events, scores and alerts are made up by arithmetic, for Togo and three
neighbours, in the winter of 2019 to 2020.
"""

import math
from collections import ChainMap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any

from api.serving.state import ApiState, ReportedSource
from ewarn.access.keys import issue
from ewarn.domain.alert import Alert, AlertState, Change, ChangeKind
from ewarn.domain.deployment import Proposal
from ewarn.domain.fit import Purpose
from ewarn.domain.key import READ_SCOPES, PartnerLimits
from ewarn.domain.kinds import EventKind
from ewarn.domain.recommendation import Body, Recommendation, Status, Theme
from ewarn.domain.region import Level
from ewarn.domain.reports.field_report import ReportFacts, ReportWords
from ewarn.domain.score import Driver, Score, SourceFooting
from ewarn.domain.silence import Silence
from ewarn.domain.source import Coverage, Health, SourceStatus, Terms, of_office
from ewarn.domain.target import ASKED_EVERYWHERE, Band, Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.notify.channels.log import LogNotifier
from ewarn.pipeline.alerts.dry_run import DryRuns
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.subscribing import Subscribing
from ewarn.pipeline.intake import health
from ewarn.pipeline.reports.sealed import sealed_report
from ewarn.pipeline.response.brief import brief
from ewarn.pipeline.service import Service
from ewarn.places.gazetteer import load_gazetteer
from ewarn.response.follow_up import added
from ewarn.response.steps import propose
from ewarn.rulebook.offices import read_offices
from ewarn.rulebook.playbooks import read_playbooks
from ewarn.rulebook.rules import Rulebook, read_cuts, read_rules, rule_hash, rule_text
from ewarn.store.access import keys
from ewarn.store.alerts import alerts, rule_versions, silences
from ewarn.store.database.engine import Store
from ewarn.store.events import events
from ewarn.store.events.events import Appended
from ewarn.store.intake import runs
from ewarn.store.reports import reports
from ewarn.store.response import deployments, recommendations
from ewarn.store.scores import forecast_scorecards, forecasts, scorecards, scores
from ewarn.store.scores.forecast_scorecards import ForecastScorecardRow
from ewarn.store.scores.forecasts import Forecast, ForecastRun
from ewarn.store.scores.scorecards import ScorecardRow
from ingest.reports.source import ReportsSource
from models.detectors.slowing import slowing_of
from tests.events import frame, row
from tests.ingest.kobo.provider import CONDITIONS

COUNTRIES = ("BEN", "BFA", "GHA", "TGO")
SOURCE = "invented"
FIRST_ORIGIN, LAST_ORIGIN = date(2019, 12, 2), date(2020, 3, 2)
NOW = midnight(LAST_ORIGIN) + timedelta(hours=12)
SILENT_FROM = date(2020, 2, 10)  # Benin is not observed from this week on
OPEN_TERMS = Terms("Invented for the tests", "CC0-1.0", True, True, "https://example.org/")
OFFICE = "dakar"  # to which field reports belong
LICENCE = of_office(OFFICE)
REPORT, RECEIPT = "report1", "ABCDE-FGHIJ-KLMNO-PQRST"
PUSH_SECRET = "an invented push secret"
CLOSED_TERMS = replace(OPEN_TERMS, licence="closed", redistribute=False)
SILENCE = Silence("s1", "Accra", "an invented reason", NOW - WEEK, NOW + WEEK, countries=("GHA",))
PROPOSAL = Proposal("TGO", ("officer", "officer"), 17, "the Government", "office", (), (4, 9))
DEPLOYMENT = propose("d1", PROPOSAL, "Accra", NOW - WEEK, "an invented reason")
RECOMMENDATION = added(
    Recommendation(
        id="r1",
        country="TGO",
        body=Body.UPR,
        reference="invented 1",
        text="An invented recommendation.",
        theme=Theme.ASSEMBLY,
        addressee="an invented ministry",
        owner="office",
        given_on=date(2019, 11, 1),
        due_on=date(2020, 2, 1),
        review_on=None,
        status=Status.OPEN,
        status_on=date(2019, 11, 1),
        evidence="",
    ),
    "Accra",
    NOW - WEEK,
)
_SEEN = {"protest": 7, "arrest": 3, "force": 2, "restriction": 1, "dialogue": 1, "riot": 1}


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A filled store, and the state of an API that serves it."""

    store: Store
    clock: Clock = field(default_factory=Clock)
    terms: dict[str, Terms] = field(default_factory=lambda: {SOURCE: OPEN_TERMS})
    # Terms of sources, also of those that are not switched on.
    known_terms: dict[str, Terms] = field(default_factory=dict)

    def state(self, **others: Any) -> ApiState:
        """Return the state that `create_app` takes."""
        values: dict[str, Any] = {
            "store": self.store,
            "places": load_gazetteer(),
            "rulebooks": rulebook,
            "sources": self.sources,
            "terms": ChainMap(self.terms, self.known_terms),  # a test may change both later
            "model_cards": lambda _: [{"model": "invented@1", "target": "force", "secret": "x"}],
            "clock": self.clock,
            "version": "0.0-test",
            "base_url": "http://127.0.0.1",
            "push_secrets": {"kobo": PUSH_SECRET},
            "act": partial(act, self.service()),
            "subscribing": Subscribing(self.service),
            "service": self.service(),
            "brief": partial(brief, self.service()),
            "trying": DryRuns(self.service),
            "slowing": slowing_of,
        }
        return ApiState(**(values | others))

    def service(self) -> Service:
        """Return the service behind the API, which only logs its notifications."""
        return Service(
            store=self.store,
            places=load_gazetteer(),
            sources={"reports": ReportsSource(office=OFFICE, protection=CONDITIONS)},
            models=lambda _source, _origin: (),
            rulebook=rulebook(),
            notifiers={name: LogNotifier() for name in ("log", "webhook", "email", "apprise")},
            base_url="http://127.0.0.1",
            sealer=CONDITIONS.sealer,
            controller=CONDITIONS.controller,
            terms={**self.known_terms, **self.terms},
        )

    def sources(self) -> list[ReportedSource]:
        """Return the sources of this world, by their terms."""
        return [
            ReportedSource(name, terms, self._status(name)) for name, terms in self.terms.items()
        ]

    def _status(self, name: str) -> Callable[[datetime], SourceStatus]:
        def status(now: datetime) -> SourceStatus:
            with self.store.read() as connection:
                return health.status(connection, name, None, now)

        return status

    def key(
        self,
        *countries: str,
        scopes: Any = READ_SCOPES,
        licences: tuple[str, ...] = (),
        partner: PartnerLimits | None = None,
    ) -> str:
        """Create a key for some countries (without any: all) and return its text."""
        began = midnight(FIRST_ORIGIN)
        ends = NOW + 9 * WEEK if partner else None
        held = countries or ("*",)
        key, text = issue("a test", scopes, held, began, ends, licences, partner)
        with self.store.write() as connection:
            keys.add(connection, key)
        return text

    def add_events(self, *rows: dict[str, Any], at: datetime = NOW) -> Appended:
        """Store events at a moment."""
        with self.store.write() as connection:
            return events.append(connection, frame(*rows), at)

    def add_scores(
        self,
        made: list[Score],
        at: datetime = NOW,
        *,
        origin: date | None = None,
        source: str = SOURCE,
    ) -> int:
        """Store one run of scores at a moment."""
        with self.store.write() as connection:
            return scores.record(connection, source, made[0].origin, f"{at}", made, at)

    def change(self, alert: Alert, kind: ChangeKind, at: datetime, reason: str) -> None:
        """Store one change of an alert."""
        with self.store.write() as connection:
            alerts.record(connection, [Change(kind, alert, at, reason)], {alert.rule: RULE_HASH})


@cache
def rulebook() -> Rulebook:
    """Return the rulebook of the package."""

    def text(name: str) -> str:
        return (files("ewarn.rulebook") / "defaults" / name).read_text(encoding="utf-8")

    return Rulebook(
        rules=read_rules(text("rules.yaml")),
        cuts=read_cuts(text("bands.yaml")),
        offices=read_offices(text("offices.yaml")),
        playbooks=read_playbooks(text("playbooks.yaml")),
    )


RULE = next(rule for rule in rulebook().rules if rule.id == "force-country")
RULE_HASH = rule_hash(RULE)


def filled(store: Store) -> World:
    """Fill a migrated store with the invented world."""
    world = World(store)
    with store.write() as connection:
        events.append(connection, frame(*_events()), midnight(FIRST_ORIGIN))
        runs.record_run(
            connection,
            runs.Reading(
                runs.Run(
                    SOURCE,
                    midnight(FIRST_ORIGIN),
                    Health.OK,
                    "all read",
                    Appended(),
                    0,
                    {},
                    LAST_ORIGIN,
                ),
                covered=_coverage(),
            ),
        )
    for origin in _origins():
        world.add_scores(list(scores_of(origin)), midnight(origin) + timedelta(hours=6))
    _alerts(world)
    _scorecard(world)
    _forecasts(world)
    _field_report(world)
    with store.write() as connection:
        silences.add(connection, SILENCE)
        deployments.record(connection, DEPLOYMENT)
        recommendations.record(connection, [RECOMMENDATION])
        rule_versions.record(
            connection, {RULE_HASH: (RULE.id, rule_text(RULE))}, midnight(FIRST_ORIGIN)
        )
    return world


def _scorecard(world: World) -> None:
    """Return a scorecard of a month of an older model's scores."""
    purpose = Purpose(SOURCE, Target.FORCE, Level.COUNTRY, 4)
    known = midnight(LAST_ORIGIN) - timedelta(days=7)
    with world.store.write() as connection:
        for month in ("", "2019-05"):
            row = ScorecardRow("invented", purpose, month, _figures(month), known, known)
            scorecards.add(connection, row)


def _field_report(world: World) -> None:
    """Store a field report that waits for an officer."""
    sealer = CONDITIONS.sealer
    assert sealer is not None
    sealed = sealed_report(
        sealer,
        REPORT,
        ReportFacts(EventKind.ARREST, LAST_ORIGIN - WEEK, "TGO", "TG-M", arrests=4),
        ReportWords("An invented report.", "an observer"),
        received_on=LAST_ORIGIN,
        submission="an invented one",
        receipt=sha256(RECEIPT.replace("-", "").encode()).hexdigest(),
    )
    with world.store.write() as connection:
        reports.add(connection, sealed)


def _forecasts(world: World) -> None:
    """Store forecasts of deaths in two months, for all but Benin, and a scorecard of older ones.

    Each forecast has twenty equally likely values, and one of them is a war.
    """
    at = midnight(date(2020, 2, 20))
    run = ForecastRun(
        source=SOURCE,
        model="fatalities@1",
        known_month=date(2020, 1, 1),
        inputs="0" * 64,
        past_year={country: [None, 3.0] for country in COUNTRIES if country != "BEN"},
        as_of=at,
        recorded_at=at,
    )
    values = (0.0, 0.0, *(float(number) for number in range(1, 18)), 1500.0)
    made = [
        Forecast(country, step, date(2020, 1 + step, 1), 1.25, 0.0, None, values)
        for country in run.past_year
        for step in (1, 2)
    ]
    figures = {"forecasts": 1, "rows": 3, "models": {"fatalities": {"crps": 1.5}}}
    with world.store.write() as connection:
        forecasts.add(connection, run, made, None)
        for step in (0, 1):
            row = ForecastScorecardRow(SOURCE, run.model, step, figures, at, at)
            forecast_scorecards.add(connection, row)


def _figures(month: str) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "origins": 4,
        "unobserved": 2,
        "models": {"invented@1+1a2b3c4d": 16},
        "deployed": None,
        "rows": 14,
        "positives": 2,
        "base_rate": 0.142857,
        "mean_probability": 0.1,
        "calibration_in_the_large": -0.042857,
        "brier": 0.11,
        "brier_skill": 0.1,
        "log_score": -0.35,
        "auc": 0.8,
        "average_precision": 0.5,
        "calibration_slope": 1.1,
        "calibration_intercept": 0.1,
        "reliability": [
            {"from": 0.05, "to": 0.1, "scores": 14, "mean_probability": 0.1, "share": 0.142857}
        ],
    }
    if month:
        return figures
    promise = {
        "threshold": 0.1,
        "country_years": 0.31,
        "promised": 0.02,
        "delivered": 0,
        "low": 0.0,
        "high": 3.0,
        "verdict": "too few expected for a test",
    }
    return figures | {"rules": {"force-country": promise}}


def _origins() -> list[date]:
    weeks = (LAST_ORIGIN - FIRST_ORIGIN) // WEEK
    return [FIRST_ORIGIN + number * WEEK for number in range(weeks + 1)]


def _coverage() -> list[Coverage]:
    first = date(2018, 1, 1)
    last = LAST_ORIGIN - WEEK
    ends = dict.fromkeys(COUNTRIES, last) | {"BEN": SILENT_FROM - WEEK}
    return [Coverage(SOURCE, country, first, end) for country, end in ends.items()]


def _events() -> Iterator[dict[str, Any]]:
    """Return a few events a week, more of them towards the end, most in Togo."""
    places = load_gazetteer()
    for country in COUNTRIES:
        regions = [region.id for region in places.regions(countries=[country])]
        for week in range(60):
            monday = LAST_ORIGIN - (60 - week) * WEEK
            many = 4 if country == "TGO" and week > 45 else 1
            for number in range((week * 7 + ord(country[0])) % 3 * many):
                kind = list(_SEEN)[(week + number) % len(_SEEN)]
                region = regions[(week + number * 2) % len(regions)]
                yield row(
                    f"{country}-{week}-{number}",
                    kind=kind,
                    occurred_on=monday + timedelta(days=number % 7),
                    country=country,
                    region=region,
                    location_precision="country" if region == country else "admin1",
                    place="An invented town",
                    participants_low=100 * number,
                    fatalities_low=1 if kind == "force" and number == 5 else None,
                    summary=f"An invented {kind}, number {number} of its week",
                    source_url="news.example.org",
                )


def scores_of(origin: date) -> Iterator[Score]:
    """Return the scores of an origin."""
    cuts = rulebook().cuts
    week = (origin - FIRST_ORIGIN) // WEEK
    for region in load_gazetteer().regions(countries=COUNTRIES):
        seed = sum(map(ord, region.id))
        for target in ASKED_EVERYWHERE:
            heat = 0.12 if region.country == "TGO" else 0.03
            rise = 1 + 0.12 * week if region.country == "TGO" else 1 + 0.2 * math.sin(week + seed)
            share = heat * rise * (0.4 + (seed * 7 % 11) / 10) * (1.4 if target != "force" else 1)
            probability = round(min(share, 0.9), 4)
            silent = region.country == "BEN" and origin > SILENT_FROM
            yield Score(
                region=region.id,
                country=region.country,
                target=target,
                horizon_weeks=4,
                origin=origin,
                model="invented@1",
                basis=Basis.ILLUSTRATION,
                band=cuts[target, region.level].band(probability),
                probability=probability,
                low=round(probability * 0.6, 4),
                high=round(min(probability * 1.6, 0.97), 4),
                expected=0.6,
                upper=3.0,
                observed=None if silent else seed % 5,
                completeness=0.75 if silent else 1.0,
                sources=(SourceFooting(SOURCE, Health.OK, 1.0),),
                drivers=_drivers(region.country, origin),
                members=(("base-rate", 0.02),),
                false_discovery=None if silent else round(1 / (1 + seed % 5), 4),
                as_of=midnight(origin),
                recorded_at=midnight(origin) + timedelta(hours=6),
            )


def _drivers(country: str, origin: date) -> tuple[Driver, ...]:
    if country != "TGO":
        return ()
    weeks = range(60)
    known = [
        event["source_event_id"]
        for event in _events()
        if event["country"] == country
        and origin - 6 * WEEK <= event["occurred_on"] < origin
        and event["kind"] == "protest"
    ]
    return (
        Driver(
            f"{SOURCE}:protest",
            origin - 6 * WEEK,
            origin - WEEK,
            0.9,
            len(known),
            tuple(known[-5:]),
        ),
        Driver(f"{SOURCE}:dialogue", origin - 4 * WEEK, origin - WEEK, -0.2, len(weeks) // 30),
    )


def alert(**others: Any) -> Alert:
    """Return an invented alert on Togo."""
    values: dict[str, Any] = {
        "id": "a1",
        "rule": "force-country",
        "region": "TGO",
        "country": "TGO",
        "target": Target.FORCE,
        "horizon_weeks": 4,
        "state": AlertState.OPEN,
        "band": Band.HIGH,
        "highest": Band.HIGH,
        "probability": 0.21,
        "opened_on": date(2020, 1, 20),
        "closed_on": None,
        "last_origin": date(2020, 1, 20),
        "score_id": "1",
        "told": Band.HIGH,
    }
    return Alert(**(values | others))


def _alerts(world: World) -> None:
    hour = timedelta(hours=7)
    past = alert(
        id="a0", opened_on=date(2019, 12, 9), last_origin=date(2019, 12, 9), probability=0.17
    )
    world.change(
        past, ChangeKind.OPENED, midnight(date(2019, 12, 9)) + hour, "17% is at or above 16%"
    )
    closed = replace(
        past,
        state=AlertState.CLOSED,
        closed_on=date(2020, 1, 6),
        band=Band.GUARDED,
        probability=0.06,
        last_origin=date(2020, 1, 6),
    )
    world.change(
        closed, ChangeKind.CLOSED, midnight(date(2020, 1, 6)) + hour, "below 8% for 4 weeks"
    )
    now = alert()
    world.change(
        now, ChangeKind.OPENED, midnight(date(2020, 1, 20)) + hour, "21% is at or above 16%"
    )
    raised = replace(
        now,
        band=Band.CRITICAL,
        highest=Band.CRITICAL,
        probability=0.38,
        last_origin=date(2020, 2, 17),
    )
    world.change(
        raised,
        ChangeKind.RAISED,
        midnight(date(2020, 2, 17)) + hour,
        "38% is critical, the highest it was",
    )
    seen = replace(raised, last_origin=LAST_ORIGIN - WEEK)
    with world.store.write() as connection:
        alerts.record(connection, [Change(None, seen, NOW, "seen")], {})
