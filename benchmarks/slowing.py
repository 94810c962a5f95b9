"""Gain in skill when slowing down is added to the ensemble, in the development years.

`python -m benchmarks.run slowing`. The ensemble's probabilities of `force` in countries at weekly
origins 1998-2004 come from a back-test. The trends of variance and of lag-1 autocorrelation of
demonstrations are as known at each origin. Two logistic lines are fitted on four fifths of the
countries and compared on the rest: one on the ensemble's logit (and on whether there were enough
demonstrations for a trend), and one that adds the trends. It needs Mass Mobilization in the
event-exchange format, which is not shipped.
"""

import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from benchmarks.rows import Row
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.frames.predictions import FloatArray
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run.commands.backtest import BacktestOptions, judge
from ewarn.run.commands.backtest_data import Data, Files, read_data
from ewarn.run.console import Voice
from models.detectors.slowing import trends
from models.judging.backtest.candidates import SERVED
from models.judging.measures.bootstrap import Draws, estimate
from models.judging.measures.metrics import LabelledRows, compared

FILE = (
    Path(__file__).resolve().parents[1]
    / ".."
    / "shared"
    / "data"
    / "events_mass_mobilization.csv.gz"
)
YEARS = (date(1998, 1, 1), date(2004, 12, 31))
SIGNAL = "mass-mobilization:protest"
FOLDS = 5
VOICE = Voice(json=True)


def main() -> list[Row]:
    """Measure the gains of the line with the trends, with 90% intervals by country."""
    scores = _scores()
    data = read_data(Files([FILE]), Level.COUNTRY, YEARS[0], load_gazetteer(), VOICE)
    table = scores.merge(_trends(data, sorted(scores["origin"].unique())), on=["origin", "region"])
    country, names = pd.factorize(table["region"], sort=True)
    label = table["outcome"].to_numpy(dtype=np.float64)
    known = table["spread"].notna().to_numpy()
    asked = np.stack([logit(table["probability"].to_numpy()), known], axis=1)
    trend = table[["spread", "memory"]].fillna(0.0).to_numpy()
    draws = Draws.of(len(names), seed=0).with_all
    plain, more = (
        LabelledRows(_left_out(features, label, country), label, country, len(names)).figures(draws)
        for features in (asked, np.hstack([asked, trend]))
    )
    gains = compared(more, plain)
    wanted = ("auc_difference", "average_precision_ratio", "brier_skill_difference", "log_gain")
    return [
        Row(
            f"slowing beside the ensemble's logit, {len(table):,} rows, trends known in "
            f"{known.mean():.0%}: {name.replace('_', ' ')}",
            _said(estimate(gains[name])),
            f"the logit alone: AUC {plain['auc'][0]:.3f}, AP {plain['average_precision'][0]:.3f}",
            "",
        )
        for name in wanted
    ]


def _scores() -> pd.DataFrame:
    """Return region, origin, probability and outcome of the ensemble, as known at each origin."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        asked = BacktestOptions(
            events=[FILE],
            target=Target.FORCE,
            level=Level.COUNTRY,
            horizon_weeks=4,
            start=YEARS[0],
            end=YEARS[1],
            out=out,
            learn_every=4,
        )
        judge(asked, voice=VOICE)
        found = pd.read_parquet(out / "scores.parquet")
    mine = found[(found["model"] == SERVED) & found["outcome"].notna()]
    return mine[["region", "origin", "probability", "outcome"]]


def _trends(data: Data, origins: list[pd.Timestamp]) -> pd.DataFrame:
    parts = []
    for origin in origins:
        panel = data.history.as_known(origin.to_pydatetime())
        found = trends(panel.series(SIGNAL), observed=panel.was_observed(SIGNAL))
        part = {"region": panel.regions, "spread": found.spread, "memory": found.memory}
        parts.append(pd.DataFrame(part).assign(origin=origin))
    return pd.concat(parts)


def _left_out(
    features: FloatArray, label: FloatArray, country: npt.NDArray[np.int64]
) -> FloatArray:
    """Return the probabilities (rows,) by a logistic line fitted on the other countries."""
    found = np.empty(len(label))
    for fold in range(FOLDS):
        mine = country % FOLDS == fold
        model = LogisticRegression(C=np.inf, max_iter=1000).fit(features[~mine], label[~mine])
        found[mine] = model.predict_proba(features[mine])[:, 1]
    return found


def _said(found: dict[str, float | None]) -> str:
    value, low, high = (found[name] or 0.0 for name in ("value", "low", "high"))
    return f"{value:.5f} (90% {low:.5f} to {high:.5f})"
