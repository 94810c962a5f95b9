"""Load the models on first use.

Importing scikit-learn, statsmodels and scipy takes two seconds. Commands that only read the
database need not wait for that.
"""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from ewarn.domain.effect import Effect, Study
from ewarn.frames.panel import Arrivals, Panel
from ewarn.ports import Fitter, Forecaster, Judge, Model


class Deferred:
    """A proxy for the object that `make` returns. It is created on first use."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> object:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def fitter() -> Fitter:
    """Return the object that fits challengers."""
    from models.fitting.challenge import Challenge

    return Challenge()


def judge() -> Judge:
    """Return the object that evaluates scores by their outcomes."""
    from models.fitting.scorecard import Scorecard

    return Scorecard()


def forecaster() -> Forecaster:
    """Return the forecaster of monthly deaths."""
    from models.fatalities.forecaster import FatalityForecaster

    return FatalityForecaster()


def arrivals_of(known: pd.DataFrame, panel: Panel) -> Arrivals:
    """Return which share of the last weeks has arrived: `models.nowcast.nowcast.arrivals_of`."""
    from models.nowcast import nowcast

    return nowcast.arrivals_of(known, panel)


def effect_of(study: Study) -> Effect:
    """Return the effect of a deployment: `models.effect.effect.estimate`."""
    from models.effect.effect import estimate

    return estimate(study)


def served(
    source: str, *, origin: date, illustration: bool, pooled: bool, only_ours: bool
) -> tuple[Model, ...]:
    """Return the models to run on a source's signals: `models.registry.served`.

    Args:
        only_ours: Leave out the kinds of models that installed packages bring.
    """
    from models import registry

    return registry.served(
        source,
        origin=origin,
        illustration=illustration,
        pooled=pooled,
        kinds=registry.KINDS if only_ours else registry.every_kind(),
    )
