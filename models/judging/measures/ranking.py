"""AUC and average precision of many weighted draws at once, after a single sort.

Both depend on the rows only through the number of rows of each country that are above each
positive. These numbers are counted once. A draw of countries with replacement only weights the
columns, so a thousand draws are one product of matrices. All numbers are integers, so the order of
summation does not change the result.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ewarn.frames.predictions import FloatArray

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Counts at each distinct score of a positive, from the highest down, float64.

    Attributes:
        above: Negatives above the score (scores, countries).
        tied: Negatives at the score (scores, countries).
        positives: Positives at the score (scores, countries).
        negatives: All negatives (countries,).
    """

    above: FloatArray
    tied: FloatArray
    positives: FloatArray
    negatives: FloatArray

    @classmethod
    def of(cls, score: FloatArray, label: FloatArray, country: Index, countries: int) -> "Ranking":
        """Count the rows with these scores, labels of 0 and 1, and countries numbered from 0."""
        positive = label > 0
        levels = np.unique(score[positive])[::-1]
        # Place of each row among the levels: 2i + 1 at level i, 2i between level i - 1 and i.
        ascending = levels[::-1]
        left = np.searchsorted(ascending, score, side="left")
        right = np.searchsorted(ascending, score, side="right")
        at = right > left
        from_top = len(levels) - np.where(at, right, left)
        shape = (len(levels) + 1, countries)
        between = np.zeros(shape)
        np.add.at(between, (from_top, country), (~positive & ~at).astype(np.float64))
        tied, hits = np.zeros(shape), np.zeros(shape)
        np.add.at(tied, (from_top[at], country[at]), (~positive[at]).astype(np.float64))
        np.add.at(hits, (from_top[at], country[at]), positive[at].astype(np.float64))
        before = np.cumsum(tied, axis=0) - tied + np.cumsum(between, axis=0)
        return cls(before[:-1], tied[:-1], hits[:-1], (between + tied).sum(axis=0))

    def auc(self, draws: FloatArray) -> FloatArray:
        """Return the area under the ROC curve of each draw (draws,), where ties count half.

        `draws` (draws, countries) is how often each country is in each draw. The area is NaN where
        a draw has a single outcome.
        """
        hits = draws @ self.positives.T
        below = (draws @ self.negatives)[:, None] - draws @ (self.above + self.tied / 2).T
        pairs = hits.sum(axis=1) * (draws @ self.negatives)
        return _ratio((hits * below).sum(axis=1), pairs)

    def average_precision(self, draws: FloatArray) -> FloatArray:
        """Return the average precision of each draw (draws,): the mean precision at positives."""
        hits = draws @ self.positives.T
        found = np.cumsum(hits, axis=1)
        called = found + draws @ (self.above + self.tied).T
        precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
        return _ratio((hits * precision).sum(axis=1), found[:, -1] if found.size else found.sum(1))


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)
