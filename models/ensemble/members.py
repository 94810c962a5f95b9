"""The members of the ensemble, and how much the pool leans on each before it has learned."""

from typing import Protocol, Self

import numpy as np

from ewarn.domain.region import Level
from ewarn.frames.predictions import FloatArray
from models.baselines.base_rate import BaseRate
from models.baselines.conflictology import Conflictology
from models.baselines.last_poisson import LastPoisson
from models.baselines.pooling import Pooling
from models.ensemble.boosting import Boosting
from models.ensemble.contagion import Contagion
from models.ensemble.escalation import Escalation
from models.inputs.inputs import Inputs


class Member(Protocol):
    """A model inside the ensemble: from inputs (rows) to probabilities (rows,)."""

    name: str

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Learn from labels of 0 and 1 that stand for `weight` rows each."""
        ...

    def probability(self, inputs: Inputs) -> FloatArray:
        """Probability of each row."""
        ...


# Inverse penalties for one row a week, chosen on origins 1998-2004: outcomes are forty times rarer
# in a subdivision, and a weaker penalty lets a few restless ones rule the fit.
STRENGTH = {Level.COUNTRY: 0.0005, Level.ADMIN1: 0.0001}


# Weights the pool is drawn in to. The base rate and last-Poisson are served for comparison only.
PRIOR = np.array([0.0, 0.0, 0.04, 0.0, 0.37, 0.37, 0.22])
CONFLICTOLOGY, CONTAGION, ESCALATION = 2, 4, 5
POOLED = np.flatnonzero(PRIOR)

# Where another source tells the outcomes: past blocks of the signals are none of them, and few
# years are there to learn from. Chosen on simulated worlds (decision 33), as are the shares of
# reports that stand for rates.
PRIOR_OF_PAIRS = np.array([0.0, 0.05, 0.6, 0.35])
POOL_STRENGTH_OF_PAIRS = 100.0
TIMES_STRENGTH_OF_PAIRS = 8.0


def new_members(strength: float = 0.0) -> tuple[Member, ...]:
    """The members, unfitted, in the order of `PRIOR`."""
    return (
        BaseRate(),
        LastPoisson(),
        Conflictology(),
        Pooling(),
        Contagion(),
        Escalation(strength),
        Boosting(),
    )
