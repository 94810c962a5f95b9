"""Feature vectors of the fitted members: how often, how long ago, and what happens around.

Every kind has a ladder of decayed rates on the logarithmic scale (habits and last month in one),
the weeks since its last event, the neighbours' and the world's rates, and how near a vote is.
Force against demonstrators, arrests and peaceful demonstrations stand apart: protest as one number
is worse than none (Rød, Hegre & Leis 2025).
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

# Rates below these say "hardly ever" alike, country and subdivision.
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
    """Feature vectors, float64 (..., features), in the order of `FEATURES`.

    NaN where something is unknown: the members put what is typical in its place.
    """
    least = np.where(inputs.siblings > 0, LEAST_RATE[1], LEAST_RATE[0])[..., None]
    columns = {group: inputs.of(*kinds) for group, kinds in GROUPS.items()}
    own = [np.log(each[..., RATES:COUNTRY_RATES] + least) for each in columns.values()]
    # A country's own rates already say it: the rates of the whole country stay silent.
    is_part = inputs.siblings[..., None] > 0
    country = [
        np.where(is_part, np.log(each[..., COUNTRY_RATES:NEAR] + LEAST_RATE[0]), 0.0)
        for each in columns.values()
    ]
    near = [np.log(columns[group][..., NEAR:WORLD] + least) for group in AROUND]
    world = [np.log(columns[group][..., WORLD:BLOCKS] + LEAST_RATE[0]) for group in AROUND]
    since = [np.log1p(inputs.since(*kinds)) for kinds in GROUPS.values()]
    if inputs.relative:  # where reports grow denser, the last one is ever nearer: it says nothing
        since = [np.zeros_like(each) for each in since]
    asked = [np.log1p(inputs.siblings), np.log(inputs.needed)]
    asked = [np.broadcast_to(each, since[0].shape) for each in asked]
    return np.concatenate(
        [*own, *country, *near, *world, np.stack(since, -1), _votes(inputs), np.stack(asked, -1)],
        axis=-1,
    )


def typical(vectors: FloatArray) -> FloatArray:
    """Mean of each feature over the rows that know it (features,), 0 where none does."""
    known = ~np.isnan(vectors)
    return np.asarray(np.where(known, vectors, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def filled(vectors: FloatArray, means: FloatArray) -> FloatArray:
    """Feature vectors in which what is unknown is typical, and so says nothing."""
    return np.where(np.isnan(vectors), means, vectors)


def _votes(inputs: Inputs) -> FloatArray:
    """Nearness of votes, 1 in the week itself; NaN where no calendar is known."""
    return np.asarray(np.exp(-inputs.votes / np.array(VOTE_WEEKS)))
