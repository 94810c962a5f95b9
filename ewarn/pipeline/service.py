"""What the verbs work with: one object, put together in one place by `ewarn.run.wiring`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from ewarn.domain.source import Terms
from ewarn.ports import Fitter, Gazetteer, Judge, Model, Notifier, Sealer, Source
from ewarn.rulebook.rules import Rulebook
from ewarn.store.engine import Store

# From delays, an origin, countries and a number of weeks to the share that is in, by country.
Lateness = Callable[[pd.DataFrame, date, Sequence[str], int], Mapping[str, float]]


@dataclass(frozen=True)
class Service:
    """The store, and everything that plugs into the verbs.

    `models` gives the models that serve a source where no champion was promoted; it is a function
    because loading their parameters costs time that most commands need not spend. `fitter` makes
    challengers and loads champions, `judge` says what followed scores. `reserved` are the names of
    sources that speak for themselves: a file may bring events of theirs, but neither health nor
    coverage.
    `terms` are those of every source we know, switched on or off: what was read stays bound.
    `lateness` gives the share of the events of the last weeks that is in by an origin, by country,
    from a source's delays (`frames.delays`); it is empty where they say too little.
    `sealer` seals the raw payloads that are protected; None where no key is set.
    """

    store: Store
    places: Gazetteer
    sources: Mapping[str, Source]
    models: Callable[[str], tuple[Model, ...]]
    rulebook: Rulebook
    notifiers: Mapping[str, Notifier]
    base_url: str
    reserved: frozenset[str] = frozenset()
    sealer: Sealer | None = None
    terms: Mapping[str, Terms] = field(default_factory=dict)
    fitter: Fitter | None = None
    judge: Judge | None = None
    lateness: Lateness | None = None

    def terms_of(self, source: str) -> Terms | None:
        """The terms of a source; None for one that only imported files name."""
        polled = self.sources.get(source)
        return self.terms.get(source) if polled is None else polled.terms

    def may_learn(self, source: str) -> bool:
        """Whether anything may be fitted on what a source brings."""
        terms = self.terms_of(source)
        return terms is None or terms.train

    def is_scored(self, source: str) -> bool:
        """Whether a source may be scored: scores and alerts have readers without its account."""
        terms = self.terms_of(source)
        return terms is None or not terms.keeps_to_account
