"""The 90% interval of a probability, by a bootstrap of countries with a refit of each sample."""

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import expit

from ewarn.frames.predictions import FloatArray
from models.ensemble.contagion import Contagion, exciters
from models.ensemble.escalation import Escalation
from models.ensemble.stacking import LogPool, pooled_logit
from models.inputs.features import features, filled, typical
from models.inputs.inputs import Inputs
from models.numeric.intervals import INTERVAL
from models.numeric.linear import linear
from models.training.rows import Rows


@dataclass(frozen=True)
class Replicates:
    """Parameters of bootstrap fits of the contagion and escalation members and of the pool.

    Intercepts are (replicates,), coefficients and weights (..., replicates). `typical` (features,)
    replaces unknown features. The other members are not refitted.
    """

    base: FloatArray
    excitement: FloatArray
    intercept: FloatArray
    coefficients: FloatArray
    pool_intercept: FloatArray
    pool_weights: FloatArray
    typical: FloatArray


REFITTED = tuple(each.name for each in fields(Replicates) if each.name != "typical")


def bootstrapped(
    rows: Rows,
    judged: Rows,
    said: FloatArray,
    pool: LogPool,
    *,
    contagion: Contagion,
    escalation: Escalation,
    number: int,
    seed: int,
) -> Replicates:
    """Refit the two members and the pool on `number` samples of countries.

    Each refit replaces unknown features by the means of its own sample. The result has one
    `typical` for all replicates.

    Args:
        rows: The rows that the members are fitted on.
        judged: The later rows that the pool is fitted on.
        said: Out-of-fold probabilities for the pool, (later rows, pooled members).
    """
    random = np.random.default_rng(seed)
    countries = len(rows.countries)
    vectors, needed = features(rows.inputs), rows.inputs.needed
    rates = exciters(rows.inputs) / needed[:, None]
    drawn: list[dict[str, FloatArray | float]] = []
    for _ in range(number):
        times = np.bincount(random.integers(0, countries, countries), minlength=countries)
        weight, later = times[rows.country], times[judged.country]
        kept, ahead = np.flatnonzero(weight), np.flatnonzero(later)
        label, share = rows.label[kept], rows.weight[kept] * weight[kept]
        contagion.fit_exciters(rates[kept], needed[kept], label, share)
        escalation.fit_features(vectors[kept], label, share)
        pool.fit(said[ahead], judged.label[ahead], judged.weight[ahead] * later[ahead])
        drawn.append(
            {
                "base": contagion.base_,
                "excitement": contagion.coefficients_,
                "intercept": escalation.intercept_,
                "coefficients": escalation.coefficients_,
                "pool_intercept": pool.intercept_,
                "pool_weights": pool.weights_,
            }
        )
    columns = {name: np.array([each[name] for each in drawn]).T for name in REFITTED}
    return Replicates(typical=typical(vectors), **columns)


def interval(
    drawn: Replicates,
    inputs: Inputs,
    said: FloatArray,
    logits: FloatArray,
    *,
    contagion: int,
    escalation: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the 90% interval of the logit (rows,), which always contains the logit itself.

    Args:
        said: Probabilities of the pooled members (rows, pooled members).
        logits: Final logits (rows,).
        contagion: Column of this member in `said`.
        escalation: Column of this member in `said`.
    """
    if not len(drawn.base):
        return logits, logits
    told = np.repeat(said[..., None], len(drawn.base), axis=-1)
    expected = drawn.base + linear(exciters(inputs), drawn.excitement)
    told[:, contagion] = -np.expm1(-expected / inputs.needed[:, None])
    vectors = filled(features(inputs), drawn.typical)
    told[:, escalation] = expit(drawn.intercept + linear(vectors, drawn.coefficients))
    spread = pooled_logit(told, drawn.pool_intercept, drawn.pool_weights)
    low, high = np.quantile(spread, INTERVAL, axis=1)
    return np.minimum(low, logits), np.maximum(high, logits)
