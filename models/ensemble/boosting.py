"""Gradient-boosted trees on the features of the escalation member, stored as plain numbers.

They are fitted by scikit-learn's HistGradientBoosting (Friedman 2001; Ke et al. 2017). Splits and
leaf values are stored instead of a pickled object. So a stored model is data that can be read,
hashed and scored without scikit-learn, and it contains no code that could run.
"""

from typing import Any, Self

import numpy as np
from scipy.special import expit

from ewarn.errors import ModelError
from ewarn.frames.predictions import FloatArray
from models.inputs.features import FEATURES, features, filled, typical
from models.inputs.inputs import Inputs

TREES = 60
LEAVES = 6
LEARNING_RATE = 0.08
LEAST_IN_LEAF = 100
PENALTY = 30.0
BINS = 63
LEAF = -1.0
# Features are rounded, because a split between numbers that differ by rounding would be random.
DECIMALS = 4

# Trees can split a feature anywhere, so every second half-life holds enough information.
LEFT_OUT = tuple(f"half-life {half} weeks" for half in (2, 8, 52, 260))
USED = tuple(
    place
    for place, name in enumerate(FEATURES)
    if not name.endswith(LEFT_OUT) or "nearby" in name or "world" in name
)


class Boosting:
    """Gradient-boosted trees `trees_` (trees, nodes, 5) with `start_` and `typical_` (features,).

    A node is feature, threshold, left, right and value. The feature is -1 at a leaf. Rows at or
    below the threshold go left. `start_` is the logit that the trees' values are added to, and
    `typical_` replaces unknown features.
    """

    name = "boosting"

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, inputs: Inputs, label: FloatArray, weight: FloatArray) -> Self:
        """Fit on labels (rows,) of 0 and 1, each of which counts as `weight` rows."""
        vectors = np.round(features(inputs)[..., USED], DECIMALS)
        self.typical_ = typical(vectors)
        vectors = filled(vectors, self.typical_)
        # Weights of one are passed as None: the trees are the same, but weighted bins are slow.
        from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - half a second

        learner = HistGradientBoostingClassifier(
            max_iter=TREES,
            max_leaf_nodes=LEAVES,
            max_bins=BINS,
            learning_rate=LEARNING_RATE,
            min_samples_leaf=LEAST_IN_LEAF,
            l2_regularization=PENALTY,
            early_stopping=False,
            random_state=self.seed,
        ).fit(vectors, label, sample_weight=None if (weight == 1).all() else weight)
        self.start_ = float(np.ravel(learner._baseline_prediction)[0])
        self.trees_ = _trees(learner)
        if not np.allclose(self._logit(vectors), learner.decision_function(vectors), atol=1e-6):
            raise ModelError("The trees read from scikit-learn give other scores than it does.")
        return self

    def probability(self, inputs: Inputs) -> FloatArray:
        """Return the probability of each row."""
        vectors = np.round(features(inputs)[..., USED], DECIMALS)
        return np.asarray(expit(self._logit(filled(vectors, self.typical_))))

    def _logit(self, vectors: FloatArray) -> FloatArray:
        flat = vectors.reshape(-1, vectors.shape[-1])
        rows = np.arange(len(flat))
        total = np.full(len(flat), self.start_)
        for tree in self.trees_:
            total += tree[_leaf_of(tree, flat, rows), 4]
        return total.reshape(vectors.shape[:-1])


def _leaf_of(tree: FloatArray, vectors: FloatArray, rows: Any) -> Any:
    node = np.zeros(len(vectors), dtype=np.int64)
    for _ in range(LEAVES):  # no path is longer
        feature = tree[node, 0].astype(np.int64)
        if (feature == LEAF).all():
            break
        below = vectors[rows, np.maximum(feature, 0)] <= tree[node, 1]
        onward = np.where(below, tree[node, 2], tree[node, 3]).astype(np.int64)
        node = np.where(feature == LEAF, node, onward)
    return node


def _trees(learner: Any) -> FloatArray:
    """Return the splits and values of a fitted learner, padded to the same number of nodes."""
    trees = np.zeros((len(learner._predictors), 2 * LEAVES - 1, 5))
    trees[:, :, 0] = LEAF
    for place, (predictor,) in enumerate(learner._predictors):
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        tree = trees[place, : len(nodes)]
        tree[:, 0] = np.where(leaf, LEAF, nodes["feature_idx"])
        tree[:, 1] = np.where(leaf, 0.0, nodes["num_threshold"])
        tree[:, 2], tree[:, 3], tree[:, 4] = nodes["left"], nodes["right"], nodes["value"]
    return trees
