"""The promises that rooms make to each other. Members live in the registries of their rooms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol, Self, runtime_checkable

from shapely.geometry.base import BaseGeometry

from ewarn.domain.delivery import Notification, Receipt
from ewarn.domain.fit import Assignment, Fit, Purpose, Trial
from ewarn.domain.region import Level, Placement, Region
from ewarn.domain.score import Driver
from ewarn.domain.source import ListedPayload, Payload, Terms, Unread
from ewarn.domain.target import Basis, Target
from ewarn.frames.country_months import CountryMonths, MonthlyForecast
from ewarn.frames.events import ParsedBatch
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray, Prediction


class Places(Protocol):
    """What a source needs of the gazetteer."""

    def find(self, code: str) -> Region | None:
        """Region of any code or id, None where there is none."""
        ...

    def named(
        self, name: str, country: str, near: tuple[float, float] | None = None
    ) -> Region | None:
        """Subdivision of `country` (alpha-3) by any of its names or codes.

        `near` (latitude, longitude) decides where a name stands for several.
        """
        ...

    def country_named(self, name: str) -> Region | None:
        """Country by any of its names, or by an alpha-2 or alpha-3 code."""
        ...

    def find_fips(self, code: str) -> Region | None:
        """Country of a FIPS 10-4 country code, which ISO gives to others (TO is Togo)."""
        ...

    def located(
        self, latitude: float, longitude: float, country: str | None = None
    ) -> Region | None:
        """Subdivision that holds a point in degrees, or the nearest within 25 km; with `country`
        (alpha-3) only of that, and none where another country holds the point.
        """
        ...

    def located_town(self, latitude: float, longitude: float, country: str) -> Region | None:
        """The same of a point that is known to lie in `country`, whatever the borders say: they are
        simplified.
        """
        ...

    def placed(self, place: str, country: str) -> Placement:
        """Where the words of a report place an event in `country` (alpha-3): a subdivision, or
        the country itself. Raises UnknownName.
        """
        ...


class RegionTable(Protocol):
    """What those who score and report need of the gazetteer."""

    @property
    def parents(self) -> Mapping[str, str]:
        """Country of each subdivision."""
        ...

    def get(self, id: str) -> Region:
        """The region with an id; raises UnknownName."""
        ...

    def regions(
        self, level: Level | None = None, countries: Iterable[str] | None = None
    ) -> Sequence[Region]:
        """Regions of a level in some countries, in a fixed order."""
        ...


class Sealer(Protocol):
    """Makes bytes unreadable and unchangeable for whoever lacks a key."""

    @property
    def key_id(self) -> str:
        """The name of the key."""
        ...

    def seal(self, content: bytes, about: str) -> bytes:
        """`content` sealed; it opens only with the same `about`, so that it cannot be moved."""
        ...

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed; raises SealBroken if it was altered or moved."""
        ...

    def mark(self, content: bytes) -> str:
        """64 hexadecimal digits by which only the key's holder recognises a content."""
        ...


class WholeGazetteer(Places, RegionTable, Protocol):
    """The whole gazetteer."""

    def outline(self, id_: str) -> BaseGeometry:
        """Geometry of a region, longitude first, empty where none is known; raises UnknownName."""
        ...


@runtime_checkable
class Source(Protocol):
    """Where events come from. `fetch` moves bytes, `parse` makes an event frame of them."""

    @property
    def name(self) -> str: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def cadence(self) -> timedelta | None:
        """How often something new is expected; None where nobody can say."""
        ...

    @property
    def retention(self) -> timedelta:
        """How long raw payloads are kept."""
        ...

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be read as it is set up (no key, say), in one sentence; None if it can."""
        ...

    def fetch(self, since: datetime | None, now: datetime) -> Iterable[Payload | Unread]:
        """Payloads published after `since`, oldest first, as they come; raises SourceError.

        What came before an error is taken in, so the next fetch goes on after it.
        """
        ...

    def parse(self, payload: Payload, places: Places) -> Iterable[ParsedBatch]:
        """Every record of a payload as an event, skipped or rejected, in batches that fit memory.

        Raises RecordRejected, and nothing else, where the payload is not what it should be.
        """
        ...


@runtime_checkable
class Archive(Protocol):
    """A source whose payloads can be had again by their names."""

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """One payload by its name; raises SourceError."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A source that is looked at often although nobody says when something new comes: a folder, a
    form. It declares no cadence, so that its silence is neither late nor a sign of calm.
    """

    @property
    def look_every(self) -> timedelta:
        """How often to look."""
        ...


@runtime_checkable
class Pushed(Protocol):
    """A source whose provider says when something new is there. What it says is not believed: it
    only makes the source be read sooner."""

    @property
    def push_secret(self) -> str:
        """What the provider must send along; empty where none may tell."""
        ...


@runtime_checkable
class PublishesLate(Protocol):
    """A source whose newest weeks come out after they ended, by its nature and not by a fault."""

    @property
    def lag(self) -> timedelta:
        """How long after its end a week is out, at the latest when all is well."""
        ...


@runtime_checkable
class NotScored(Protocol):
    """A source that by itself brings no new scores, or none as it is set up, and says why."""

    @property
    def not_scored(self) -> str | None:
        """Why nothing that it brings is scored, in one sentence; None where it is."""
        ...


def polled_every(source: Source) -> timedelta | None:
    """How often a source is asked; None if only on demand."""
    return source.look_every if isinstance(source, Watched) else source.cadence


@runtime_checkable
class BackFill(Source, Archive, Protocol):
    """A source whose archive lists what it holds of any past days."""

    def listed(self, since: date, until: date, now: datetime) -> Iterable[ListedPayload]:
        """The payloads that hold the days from `since` to `until`, oldest first, as they come;
        raises SourceError. Read as a stream: there may be hundreds of thousands.
        """
        ...

    def fetch_listed(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """One of them, checked against what is listed of it; raises SourceError.

        Called from several threads at a time.
        """
        ...


class History(Protocol):
    """A panel at any past origin, as it was known then, and as it is known at the end."""

    def as_known(self, origin: datetime) -> Panel:
        """Counts with `known_at <= origin`, weeks up to it."""
        ...

    def final(self) -> Panel:
        """Counts as known at the end: for labels only."""
        ...


@runtime_checkable
class Model(Protocol):
    """A model of one target at one level and horizon. The constructor only stores."""

    name: str
    version: str
    target: Target
    level: Level
    horizon_weeks: int

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals it reads."""
        ...

    @property
    def basis(self) -> Basis:
        """On what footing its probability may be shown."""
        ...

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:
        """Learn from what was known at each origin and what followed it."""
        ...

    def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
        """Answer at the panel's origin, for its regions of the model's level.

        With `only`, for those among them, in the panel's order: the same answers for less work.
        """
        ...

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """What moved the scores of `regions`; contributions add up on the logit scale."""
        ...


class Fitter(Protocol):
    """Fits challengers, tries them against others, and makes models of stored fits."""

    def purposes(self, source: str, outcomes: str = "") -> Sequence[Purpose]:
        """What models are fitted for on a source's signals, with outcomes of the same source or of
        another one; raises ModelError where that one cannot tell them.
        """
        ...

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        """Fit a challenger; judge it, the champion and every baseline on the same later rows.

        Raises ModelError where there is too little to learn from or to judge by.
        """
        ...

    def restored(self, fit: Fit) -> Model:
        """The model of a stored fit; raises ModelError where this version cannot read it."""
        ...

    def card(self, model: Model) -> Mapping[str, Any]:
        """What a reader must know of a model."""
        ...


class Judge(Protocol):
    """Says what followed scores, and how good they were."""

    def outcomes(
        self, known: Panel, ahead: Panel, regions: Sequence[str], purpose: Purpose
    ) -> list[bool | None]:
        """Whether the target came true in each of `regions`; None where nobody looked.

        `known` is the panel that was scored, `ahead` holds exactly the weeks of the horizon.
        """
        ...

    def figures(self, probability: FloatArray, outcome: FloatArray) -> dict[str, Any]:
        """How good probabilities (rows,) were by their outcomes (rows,), 0 or 1."""
        ...

    def interval(self, count: int) -> tuple[float, float]:
        """90% interval of the expectation of a Poisson count."""
        ...

    def messages(
        self,
        final: Panel,
        purpose: Purpose,
        probability: Mapping[date, Mapping[str, float | None]],
        told: Mapping[str, Sequence[tuple[str, date]]],
    ) -> dict[str, Any]:
        """What messages (region and origin) were worth, by name, as `metrics.json` has it.

        `final` is the panel as known now, `probability` what was scored at each origin. A plain
        level and the rules of HDX Signals stand beside them.
        """
        ...


class Forecaster(Protocol):
    """Forecasts counts of the months after the last one known, as distributions."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def source(self) -> str:
        """The source whose dead it forecasts."""
        ...

    @property
    def least_months(self) -> int:
        """How many months it must know to learn anything."""
        ...

    def forecast(self, months: CountryMonths) -> MonthlyForecast:
        """Learn from the months that are known, and forecast those that follow; raises InputError
        where they are too few."""
        ...

    def scores(
        self, past_year: CountryMonths, made: MonthlyForecast, outcomes: FloatArray
    ) -> Mapping[str, Mapping[str, FloatArray]]:
        """How good a forecast was by what came, (steps, countries), and how good plain forecasts of
        the same past were: by model and score, NaN where nothing came to be known."""
        ...

    def card(self) -> Mapping[str, Any]:
        """What a reader must know of it."""
        ...


@runtime_checkable
class Notifier(Protocol):
    """A channel. It says what came of one attempt; the retry policy is the outbox's."""

    @property
    def name(self) -> str: ...

    def send(self, notification: Notification, now: datetime) -> Receipt:
        """Hand one notification over; never raises for what a receiver does."""
        ...
