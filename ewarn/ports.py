"""The interfaces (protocols) between packages. Each package registers its own implementations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol, Self, runtime_checkable

from shapely.geometry.base import BaseGeometry

from ewarn.domain.delivery import Message, Receipt
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
    """The part of the gazetteer that sources use to find regions."""

    def find(self, code: str) -> Region | None:
        """Return the region with a code or id of any kind, or None if there is none."""
        ...

    def named(
        self, name: str, country: str, near: tuple[float, float] | None = None
    ) -> Region | None:
        """Return a subdivision of `country` (alpha-3) by any of its names or codes, or None.

        `near` (latitude and longitude in degrees) decides among several with the same name.
        """
        ...

    def country_named(self, name: str) -> Region | None:
        """Return a country by any of its names, or by its alpha-2 or alpha-3 code, or None."""
        ...

    def find_fips(self, code: str) -> Region | None:
        """Return the country of a FIPS 10-4 code, or None. In FIPS, unlike in ISO, TO is Togo."""
        ...

    def located(
        self, latitude: float, longitude: float, country: str | None = None
    ) -> Region | None:
        """Return the subdivision that contains a point (degrees), or the nearest within 25 km.

        With `country` (alpha-3), only its subdivisions count, and the result is None if the point
        is in another country.
        """
        ...

    def located_town(self, latitude: float, longitude: float, country: str) -> Region | None:
        """Return the subdivision of a point known to be in `country`, whatever the borders say."""
        ...

    def placed(self, place: str, country: str) -> Placement:
        """Return where a report's text places an event: a subdivision, or `country` (alpha-3).

        Raises UnknownName if there is no such country.
        """
        ...


class RegionTable(Protocol):
    """The part of the gazetteer that scoring and reporting use."""

    @property
    def parents(self) -> Mapping[str, str]:
        """The country of each subdivision, by id."""
        ...

    def get(self, id: str) -> Region:
        """Return the region with an id. Raises UnknownName if there is none."""
        ...

    def regions(
        self, level: Level | None = None, countries: Iterable[str] | None = None
    ) -> Sequence[Region]:
        """Return regions in a fixed order, of one level or (None) all, in some countries or all."""
        ...


class Sealer(Protocol):
    """Encrypts bytes with a key, so that others can neither read nor change them."""

    @property
    def key_id(self) -> str:
        """The name of the key."""
        ...

    def seal(self, content: bytes, about: str) -> bytes:
        """Encrypt `content`. Only the same `about` decrypts it, so that it cannot be moved."""
        ...

    def open(self, sealed: bytes, about: str) -> bytes:
        """Decrypt what `seal` returned. Raises SealBroken if it was altered or moved."""
        ...

    def mark(self, content: bytes) -> str:
        """Return a keyed hash of `content`: 64 hexadecimal digits that only this key produces."""
        ...


class WholeGazetteer(Places, RegionTable, Protocol):
    """The whole gazetteer."""

    def outline(self, id_: str) -> BaseGeometry:
        """Return a region's geometry, longitude first, empty if unknown. Raises UnknownName."""
        ...

    def neighbours(self, id_: str) -> list[Region]:
        """Return the regions of the same level around one. Raises UnknownName."""


@runtime_checkable
class Source(Protocol):
    """A provider of events. `fetch` downloads bytes, and `parse` turns them into event frames."""

    @property
    def name(self) -> str: ...

    @property
    def terms(self) -> Terms: ...

    @property
    def cadence(self) -> timedelta | None:
        """How often new data are expected; None if that is unknown."""
        ...

    @property
    def retention(self) -> timedelta:
        """How long raw payloads are stored."""
        ...

    @property
    def obstacle(self) -> str | None:
        """Why it cannot be read as configured (for example, no key), in one sentence, or None."""
        ...

    def fetch(self, since: datetime | None, now: datetime) -> Iterable[Payload | Unread]:
        """Yield the payloads published after `since`, the oldest first.

        Raises SourceError if the provider cannot be read. Payloads that were yielded before are
        processed, so the next fetch continues after them.
        """
        ...

    def parse(self, payload: Payload, places: Places) -> Iterable[ParsedBatch]:
        """Yield all records of a payload (events, skipped, rejected), in batches that fit memory.

        Raises RecordRejected, and no other error, if the payload as a whole cannot be read.
        """
        ...


@runtime_checkable
class Archive(Protocol):
    """A source whose payloads can be downloaded again by their names."""

    def fetch_again(self, name: str, now: datetime) -> Payload | Unread:
        """Download one payload by its name. Raises SourceError."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A source that is polled although nobody knows when new data come, such as a folder or a form.

    It has no cadence, so that the absence of data counts neither as late nor as calm.
    """

    @property
    def look_every(self) -> timedelta:
        """How often to poll it."""
        ...


@runtime_checkable
class Pushed(Protocol):
    """A source whose provider calls the service when new data are available.

    The call is not trusted: its only effect is that the source is read sooner.
    """

    @property
    def push_secret(self) -> str:
        """The secret that the provider must send; empty if no calls are accepted."""
        ...


@runtime_checkable
class PublishesLate(Protocol):
    """A source that always publishes a week some time after its end, which is not a fault."""

    @property
    def lag(self) -> timedelta:
        """The longest normal delay between the end of a week and its publication."""
        ...


@runtime_checkable
class NotScored(Protocol):
    """A source that may not lead to scores, because of its nature or its configuration."""

    @property
    def not_scored(self) -> str | None:
        """Why its data are not scored, in one sentence; None if they are scored."""
        ...


def polled_every(source: Source) -> timedelta | None:
    """Return how often a source is polled, or None if it is read on demand only."""
    return source.look_every if isinstance(source, Watched) else source.cadence


@runtime_checkable
class BackFill(Source, Archive, Protocol):
    """A source with an archive that lists its payloads for past days."""

    def listed(self, since: date, until: date, now: datetime) -> Iterable[ListedPayload]:
        """Yield the payloads for the days from `since` to `until`, the oldest first.

        There may be hundreds of thousands: read them as a stream. Raises SourceError.
        """
        ...

    def fetch_listed(self, item: ListedPayload, now: datetime) -> Payload | Unread:
        """Download a listed payload and check it against the list. Must be thread-safe.

        Raises SourceError if it cannot be downloaded or differs from the list.
        """
        ...


class History(Protocol):
    """Panels as they were known at any past origin, and as they are known at the end."""

    def as_known(self, origin: datetime) -> Panel:
        """Return the panel with the weeks up to `origin`, from data with `known_at <= origin`."""
        ...

    def final(self) -> Panel:
        """Return the panel as known at the end. It may be used for labels only."""
        ...


@runtime_checkable
class Model(Protocol):
    """A model of one target at one level and horizon. Its constructor only stores values."""

    name: str
    version: str
    target: Target
    level: Level
    horizon_weeks: int

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals that the model uses."""
        ...

    @property
    def basis(self) -> Basis:
        """How far its probability may be believed, which decides how it is shown."""
        ...

    def fit(self, history: History, origins: Sequence[datetime]) -> Self:
        """Return a model fitted on what was known at each origin and on what followed."""
        ...

    def score(self, panel: Panel, only: Sequence[str] | None = None) -> Prediction:
        """Score the panel's regions of the model's level, at the panel's origin.

        With `only`, score only these, in the panel's order. Their scores do not change.
        """
        ...

    def drivers(self, panel: Panel, regions: Sequence[str]) -> dict[str, tuple[Driver, ...]]:
        """Return what moved the score of each region. Contributions add up on the logit scale."""
        ...


class Fitter(Protocol):
    """Fits challengers, evaluates them against others, and restores models from stored fits."""

    def purposes(self, source: str, outcomes: str = "") -> Sequence[Purpose]:
        """Return the purposes for which models can be fitted on the signals of a source.

        `outcomes` is the source of the outcomes; empty if it is the same one. Raises ModelError if
        that source cannot provide them.
        """
        ...

    def challenge(self, history: History, task: Assignment, champion: Model | None) -> Trial:
        """Fit a challenger, and evaluate it, the champion and all baselines on the same later rows.

        Raises ModelError if there are too few data to fit or to evaluate.
        """
        ...

    def restored(self, fit: Fit) -> Model:
        """Return the model of a stored fit. Raises ModelError if this version cannot read it."""
        ...

    def card(self, model: Model) -> Mapping[str, Any]:
        """Return the model card: what a reader must know about a model."""
        ...


class Judge(Protocol):
    """Determines the outcomes of scores, and evaluates the scores."""

    def outcomes(
        self, known: Panel, ahead: Panel, regions: Sequence[str], purpose: Purpose
    ) -> list[bool | None]:
        """Return whether the target occurred in each of `regions`; None where it was not observed.

        `known` is the panel that was scored, `ahead` has exactly the weeks of the horizon.
        """
        ...

    def figures(self, probability: FloatArray, outcome: FloatArray) -> dict[str, Any]:
        """Return how good probabilities (rows,) were, given their outcomes (rows,), 0 or 1."""
        ...

    def interval(self, count: int) -> tuple[float, float]:
        """Return the 90% interval of the expectation of a Poisson count."""
        ...

    def messages(
        self,
        final: Panel,
        purpose: Purpose,
        probability: Mapping[date, Mapping[str, float | None]],
        messages: Mapping[str, Sequence[tuple[str, date]]],
    ) -> dict[str, Any]:
        """Evaluate messages, beside a plain threshold and the rules of HDX Signals.

        Args:
            final: The panel as known now.
            probability: The probability of each region by origin.
            messages: The messages to evaluate, as (region, origin), by name.

        Returns:
            The figures by name, in the format of `metrics.json`.
        """
        ...


class Forecaster(Protocol):
    """Forecasts deaths in the months after the newest known one, as distributions."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def source(self) -> str:
        """The source whose counts of deaths it forecasts."""
        ...

    @property
    def least_months(self) -> int:
        """The number of known months that it needs at least."""
        ...

    def forecast(self, months: CountryMonths) -> MonthlyForecast:
        """Fit on the known months and forecast the following ones. Raises InputError if too few."""
        ...

    def scores(
        self, past_year: CountryMonths, made: MonthlyForecast, outcomes: FloatArray
    ) -> Mapping[str, Mapping[str, FloatArray]]:
        """Evaluate a forecast, and plain forecasts from the same past, against the outcomes.

        The scores have the shape of the outcomes, (steps, countries), by model and by name of the
        score; NaN where the outcome is unknown.
        """
        ...

    def card(self) -> Mapping[str, Any]:
        """Return the model card: what a reader must know about the forecaster."""
        ...


@runtime_checkable
class Notifier(Protocol):
    """A channel that sends messages. It makes one attempt; others decide about retries."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message, now: datetime) -> Receipt:
        """Make one attempt to send a message. Never raises an error because of the receiver."""
        ...
