"""The models, each loaded when it is first asked: scikit-learn, statsmodels and scipy take two
seconds to load, which a command that looks at the store need not spend."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any

import pandas as pd

from ewarn.domain.effect import Effect, Study
from ewarn.frames.panel import Arrivals, Panel
from ewarn.ports import Fitter, Forecaster, Judge, Model


class Deferred:
    """Stands for what `make` makes, which it is when it is first asked for anything."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> object:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def fitter() -> Fitter:
    """What fits challengers."""
    from models.fitting.challenge import Challenge

    return Challenge()


def judge() -> Judge:
    """What judges scores by what followed."""
    from models.fitting.scorecard import Scorecard

    return Scorecard()


def forecaster() -> Forecaster:
    """What forecasts monthly deaths."""
    from models.fatalities.forecaster import FatalityForecaster

    return FatalityForecaster()


def arrivals_of(known: pd.DataFrame, panel: Panel) -> Arrivals:
    """What share of the last weeks is in: `models.nowcast.nowcast.arrivals_of`."""
    from models.nowcast import nowcast

    return nowcast.arrivals_of(known, panel)


def effect_of(study: Study) -> Effect:
    """The effect of a deployment: `models.effect.effect.estimate`."""
    from models.effect.effect import estimate

    return estimate(study)


def served(source: str, *, origin: date, illustration: bool, pooled: bool) -> tuple[Model, ...]:
    """The models to run on a source's signals: `models.registry.served`."""
    from models import registry

    return registry.served(source, origin=origin, illustration=illustration, pooled=pooled)
