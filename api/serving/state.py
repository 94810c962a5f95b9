"""What the routes are given: filled in one place by `ewarn.run.wiring`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ewarn.domain.alert import Change
from ewarn.domain.baseline import Baseline
from ewarn.domain.region import Region
from ewarn.domain.slowing import Slowing
from ewarn.domain.source import SourceStatus, Terms, VolumeDrop
from ewarn.frames.panel import Panel
from ewarn.pipeline.alerts.dry_run import Trying
from ewarn.pipeline.alerts.manual_actions import Act
from ewarn.pipeline.delivery.subscribing import Subscribing
from ewarn.pipeline.service import Service
from ewarn.ports import WholeGazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.engine import Store


@dataclass(frozen=True)
class ReportedSource:
    """A source as the API reports it: its terms (None: known from imported files only), and
    questions for its health, for the regions whose volume dropped, for how much of its past was
    read and for how far it is from a probability by the outcomes of another source, at a moment."""

    name: str
    terms: Terms | None
    status: Callable[[datetime], SourceStatus]
    drops: Callable[[datetime], Sequence[VolumeDrop]] = lambda _: ()
    baseline: Callable[[datetime], Baseline | None] = lambda _: None
    outcomes: Callable[[datetime], str | None] = lambda _: None


@dataclass(frozen=True)
class ApiState:
    """Everything the API knows. `clock` is the wall clock, or stands still in a demonstration.

    `page_key` is a read-only key that the page at `/` is given in a demonstration, so that it
    opens without asking for one; None in a live service. `terms` are those of every source that is
    known, also while it is switched off. `push_secrets` are those of the sources whose
    providers may tell that something new is there. `act` records what a person does to an alert
    (`ewarn.pipeline.alerts.manual_actions`), `subscribing` does what people do about
    subscriptions, `trying` says what rules would do, `rules_problem` what is wrong with those that
    stand in the files; `secret_of` gives the secret that signs for a label on a channel (None: it
    signs nothing).
    `service` is what the verbs of deployments work with, `brief` composes the brief of a country,
    at a moment, in a language, without some sources, for some readers. `slowing` says of each
    signal of a panel of one region whether it slows down.
    """

    store: Store
    places: WholeGazetteer
    rulebooks: Callable[[], Rulebook]
    sources: Callable[[], Sequence[ReportedSource]]
    model_cards: Callable[[], Sequence[Mapping[str, Any]]]
    subscribing: Subscribing
    trying: Trying
    act: Callable[[str, Sequence[str], Act, datetime, Sequence[str]], Change]
    service: Service
    brief: Callable[[Region, datetime, str, Sequence[str], Sequence[str]], Mapping[str, Any]]
    clock: Callable[[], datetime]
    version: str
    base_url: str
    is_replay: bool = False
    page_key: str | None = None
    terms: Mapping[str, Terms] = field(default_factory=dict)
    push_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    rules_problem: Callable[[], str] = lambda: ""
    secret_of: Callable[[str, str], str | None] = lambda _label, _channel: None
    slowing: Callable[[Panel], Sequence[Slowing]] = lambda _: ()

    @property
    def rulebook(self) -> Rulebook:
        """The rules, bands, offices and playbooks in force."""
        return self.rulebooks()
