"""Feature vectors of the fitted members: how often, how long ago, and what happens nearby.

Every group of kinds has decayed rates at several half-lives, on the logarithmic scale, so that they
cover long habits and the last month. It also has the weeks since its last event. Further features
are rates of the neighbours and of the world, and how near a vote is. Force against demonstrators,
arrests and peaceful demonstrations are separate features, because one number for all protest is
worse than none (Rød, Hegre & Leis 2025).
"""

import numpy as np

from ewarn.frames.predictions import FloatArray
from models.inputs.inputs import (
    BLOCKS,
    COUNTRY_HALF_LIVES,
    COUNTRY_RATES,
    NEAR,
    NEAR_HALF_LIVES,
    RATES,
    WORLD,
    WORLD_HALF_LIVES,
    Inputs,
)
from models.inputs.rates import HALF_LIVES
from models.inputs.targets import FORCE_LETHAL

GROUPS = {
    "demonstrations": ("protest", "riot"),
    "riot": ("riot",),
    "arrest": ("arrest",),
    "force": ("force",),
    "lethal": (FORCE_LETHAL,),
    "attack": ("attack",),
    "restriction": ("restriction",),
}
AROUND = ("demonstrations", "force", "lethal")
VOTES = ("weeks to a vote", "weeks since a vote", "weeks since a vote was put off")
VOTE_WEEKS = (6.0, 6.0, 12.0)

# Added to rates before the logarithm: rates far below these become equal. Country, subdivision.
LEAST_RATE = (0.01, 0.001)

FEATURES = (
    *(f"{group}, half-life {half} weeks" for group in GROUPS for half in HALF_LIVES),
    *(
        f"{group} in the country, half-life {h} weeks"
        for group in GROUPS
        for h in COUNTRY_HALF_LIVES
    ),
    *(f"{group} nearby, half-life {half} weeks" for group in AROUND for half in NEAR_HALF_LIVES),
    *(
        f"{group} in the world, half-life {half} weeks"
        for group in AROUND
        for half in WORLD_HALF_LIVES
    ),
    *(f"weeks since {group}" for group in GROUPS),
    *VOTES,
    "siblings",
    "bar",
)


def features(inputs: Inputs) -> FloatArray:
    """Return feature vectors, float64 (..., features), in the order of `FEATURES`.

    A feature that is unknown is NaN. The members replace it with its typical value.
    """
    least = np.where(inputs.siblings > 0, LEAST_RATE[1], LEAST_RATE[0])[..., None]
    columns = {group: inputs.of(*kinds) for group, kinds in GROUPS.items()}
    own = [np.log(each[..., RATES:COUNTRY_RATES] + least) for each in columns.values()]
    # For a country, the rates of the whole country repeat its own rates, so they are set to 0.
    is_part = inputs.siblings[..., None] > 0
    country = [
        np.where(is_part, np.log(each[..., COUNTRY_RATES:NEAR] + LEAST_RATE[0]), 0.0)
        for each in columns.values()
    ]
    near = [np.log(columns[group][..., NEAR:WORLD] + least) for group in AROUND]
    world = [np.log(columns[group][..., WORLD:BLOCKS] + LEAST_RATE[0]) for group in AROUND]
    since = [np.log1p(inputs.since(*kinds)) for kinds in GROUPS.values()]
    if inputs.relative:  # reports grow denser with time, so the last event is always recent
        since = [np.zeros_like(each) for each in since]
    asked = [np.log1p(inputs.siblings), np.log(inputs.needed)]
    asked = [np.broadcast_to(each, since[0].shape) for each in asked]
    return np.concatenate(
        [*own, *country, *near, *world, np.stack(since, -1), _votes(inputs), np.stack(asked, -1)],
        axis=-1,
    )


def typical(vectors: FloatArray) -> FloatArray:
    """Return the mean of each feature over the rows where it is known (features,), 0 if none."""
    known = ~np.isnan(vectors)
    return np.asarray(np.where(known, vectors, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def filled(vectors: FloatArray, means: FloatArray) -> FloatArray:
    """Return feature vectors in which unknown values are replaced by the means."""
    return np.where(np.isnan(vectors), means, vectors)


def _votes(inputs: Inputs) -> FloatArray:
    """Return the nearness of votes, 1 in the week itself, NaN where no calendar is known."""
    return np.asarray(np.exp(-inputs.votes / np.array(VOTE_WEEKS)))
