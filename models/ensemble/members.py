"""The members of the ensemble and the prior weight of each in the pool."""

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
    """A model inside the ensemble, which turns inputs (rows) into probabilities (rows,)."""

    name: str

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        ...

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the probability of each row."""
        ...


# Inverse penalties for one row a week, chosen on origins 1998-2004. Outcomes are forty times rarer
# in a subdivision, where a weaker penalty would let a few restless ones dominate the fit.
STRENGTH = {Level.COUNTRY: 0.0005, Level.ADMIN1: 0.0001}


# Prior weights of the pool. The base rate and last-Poisson are served for comparison only.
PRIOR = np.array([0.0, 0.0, 0.04, 0.0, 0.37, 0.37, 0.22])
CONFLICTOLOGY, CONTAGION, ESCALATION = 2, 4, 5
POOLED = np.flatnonzero(PRIOR)

# The same where another source gives the outcomes: past blocks of the signals are then not past
# outcomes, and there are few years to fit on. Chosen on simulated worlds (decision 33), as was the
# use of shares of reports as rates.
PRIOR_OF_PAIRS = np.array([0.0, 0.05, 0.6, 0.35])
POOL_STRENGTH_OF_PAIRS = 100.0
TIMES_STRENGTH_OF_PAIRS = 8.0


def new_members(strength: float = 0.0) -> tuple[Member, ...]:
    """Return the members, not fitted, in the order of `PRIOR`."""
    return (
        BaseRate(),
        LastPoisson(),
        Conflictology(),
        Pooling(),
        Contagion(),
        Escalation(strength),
        Boosting(),
    )
