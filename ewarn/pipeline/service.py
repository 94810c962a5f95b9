"""The service object that the verbs work with; `ewarn.run.wiring` builds it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Protocol

import pandas as pd

from ewarn.domain.effect import Effect, Study
from ewarn.domain.source import Terms
from ewarn.frames.panel import Arrivals, Panel
from ewarn.notify.channels.address_checks import check_address
from ewarn.pipeline.panel_cache import PanelCache
from ewarn.ports import Fitter, Forecaster, Judge, Model, Notifier, Sealer, Source, WholeGazetteer
from ewarn.rulebook.rules import Rulebook
from ewarn.store.database.engine import Store


class RulesInForce(Protocol):
    """Return the rulebook in force now.

    `problem` says what is wrong with the rules in the files, as of the last call (empty: nothing).
    """

    problem: str

    def __call__(self) -> Rulebook: ...


# From delays and a panel to the share of its last weeks' events that has arrived.
Lateness = Callable[[pd.DataFrame, Panel], Arrivals]


@dataclass(frozen=True)
class Service:
    """The store, and everything that plugs into the verbs.

    Attributes:
        models: Returns the models that serve a source at an origin if no champion was promoted. A
            model that knew what came after the origin is an illustration. It is a function because
            loading parameters takes time that most commands need not spend.
        rulebook: The rules that were in force when the service was opened.
        reserved: Names of sources that report for themselves: a file may bring events of theirs,
            but neither health nor coverage.
        sealer: Seals the raw payloads that are protected; None if no key is set.
        controller: Who answers for protected data: a name and an address.
        terms: The terms of every known source, switched on or off: data that were read stay bound
            by them.
        fitter: Makes challengers and loads champions.
        judge: Finds the outcomes of scores and evaluates them.
        forecaster: Forecasts deaths by month.
        lateness: Returns the share of the events of the last weeks that has arrived by a panel's
            origin, from a source's delays (`frames.delays`); nothing if there are too few.
        effect: Evaluates a deployment.
        in_hindsight: Sources compiled by people who knew what came later; `effect` gets them.
        rulebooks: Returns the rules in force now.
        ping: Signals to an outside monitor that the worker is alive.
        check_address: Raises ValueError if an address cannot be one of a channel.
        panels: Caches what was read of the ledger between scorings.
        clock: The clock of a live service. What takes long is recorded as of when it is stored, so
            that no answer as of an earlier moment changes. Without a clock, in a replay for
            example, no time passes.
    """

    store: Store
    places: WholeGazetteer
    sources: Mapping[str, Source]
    models: Callable[[str, date], tuple[Model, ...]]
    rulebook: Rulebook
    notifiers: Mapping[str, Notifier]
    base_url: str
    reserved: frozenset[str] = frozenset()
    sealer: Sealer | None = None
    controller: str = ""
    terms: Mapping[str, Terms] = field(default_factory=dict)
    fitter: Fitter | None = None
    judge: Judge | None = None
    forecaster: Forecaster | None = None
    lateness: Lateness | None = None
    effect: Callable[[Study], Effect] | None = None
    in_hindsight: frozenset[str] = frozenset()
    rulebooks: RulesInForce | None = None
    ping: Callable[[], bool] | None = None
    check_address: Callable[[str, str], None] = check_address
    panels: PanelCache = field(default_factory=PanelCache)
    clock: Callable[[], datetime] | None = None

    def moment(self, now: datetime) -> datetime:
        """Return the moment at which work that began at `now` is stored."""
        return now if self.clock is None else max(now, self.clock())

    def with_current_rules(self) -> "Service":
        """Return the service under the rules in force now, which stay the same for one verb."""
        return self if self.rulebooks is None else replace(self, rulebook=self.rulebooks())

    def rules_problem(self) -> str:
        """Return what is wrong with the rules in the files now; empty if nothing is.

        While they are wrong, the last good rules stay in force.
        """
        if self.rulebooks is None:
            return ""
        self.rulebooks()
        return self.rulebooks.problem

    def terms_of(self, source: str) -> Terms | None:
        """Return the terms of a source, or None for one that only imported files name."""
        polled = self.sources.get(source)
        return self.terms.get(source) if polled is None else polled.terms

    def may_learn(self, source: str) -> bool:
        """Return whether anything may be fitted on what a source brings."""
        terms = self.terms_of(source)
        return terms is None or terms.train

    def may_pool(self, source: str) -> bool:
        """Return whether the terms of a source allow its regions to be compared with each other."""
        terms = self.terms_of(source)
        return terms is not None and terms.train

    def is_open(self, source: str) -> bool:
        """Return whether everybody may read what is derived from a source, without a licence."""
        terms = self.terms_of(source)
        return terms is None or terms.lets_read(())

    def is_scored(self, source: str) -> bool:
        """Return whether a source may be scored: somebody may read what is derived from it."""
        terms = self.terms_of(source)
        return terms is None or not terms.is_closed

    @property
    def readers(self) -> frozenset[str]:
        """Return the licences under which something can be read now."""
        terms = [*self.terms.values(), *(source.terms for source in self.sources.values())]
        return frozenset(each.readers for each in terms if each.readers)

    def hidden_from(self, licences: Collection[str]) -> frozenset[str]:
        """Return the sources that a reader with some licences may not read."""
        known = {*self.terms, *self.sources}
        return frozenset(
            name
            for name in known
            if (terms := self.terms_of(name)) is not None and not terms.lets_read(licences)
        )

    def readers_of(self, source: str) -> str:
        """Return the licence that readers of a source must carry; empty if none is needed."""
        terms = self.terms_of(source)
        return "" if terms is None else terms.readers
