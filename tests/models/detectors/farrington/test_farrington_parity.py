"""Tests of farrington against R's numbers; tests/models/data/README.md says how these were made."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from models.detectors.farrington.farrington import Detection, detect
from models.numeric.count_tails import tail

DATA = Path(__file__).parents[2] / "data"
SETTINGS = pd.read_csv(DATA / "farrington_settings.csv.gz").set_index("name")
JUDGED = pd.read_csv(DATA / "farrington_judged.csv.gz")
CASES = list(JUDGED[["set", "setting"]].drop_duplicates().itertuples(index=False, name=None))


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, Detection, float]:
    """R's answers (weeks × series for each number), ours for the same cells, and alpha."""
    name, setting = request.param
    rows = JUDGED[(JUDGED["set"] == name) & (JUDGED["setting"] == setting)]
    theirs = rows.pivot(index="week", columns="series")
    given = pd.read_csv(DATA / f"farrington_{name}.csv.gz", parse_dates=["date"])
    with_ = SETTINGS.loc[setting]
    more: dict[str, Any] = {}
    if setting == "dates":
        more["dates"] = [date.fromisoformat(str(day)[:10]) for day in given["date"]]
    series = np.unique(rows["series"])
    if setting == "population":
        more["population"] = np.repeat(given[["population"]].to_numpy(float), len(series), axis=1)
    counts = given.drop(columns=["date", "population"], errors="ignore").to_numpy()[:, series]
    ours = detect(
        counts,
        weeks=np.unique(rows["week"]),
        years_back=int(with_["b"]),
        half_window=int(with_["w"]),
        season_groups=int(with_["groups"]),
        exclude_recent=int(with_["past"]),
        reweight_at=float(with_["limit"]),
        trend_p=float(with_["p"]),
        alpha=float(with_["alpha"]),
        **more,
    )
    return theirs, ours, float(with_["alpha"])


def of(theirs: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """One of R's numbers, (weeks, series)."""
    return theirs[name].to_numpy(float)


def test_there_is_a_bound_exactly_where_r_has_one(
    case: tuple[pd.DataFrame, Detection, float],
) -> None:
    theirs, ours, _ = case
    assert np.array_equal(np.isnan(of(theirs, "upper")), np.isnan(ours.upper))
    assert (~np.isnan(ours.upper)).any()


def test_the_bound_is_r_s_except_on_the_edge_of_a_quantile(
    case: tuple[pd.DataFrame, Detection, float],
) -> None:
    theirs, ours, alpha = case
    apart = np.nan_to_num(np.abs(of(theirs, "upper") - ours.upper))
    above = tail(np.fmin(ours.upper, of(theirs, "upper")) + 1, ours.expected, ours.dispersion)
    assert ((apart == 0) | ((apart == 1) & (np.abs(above - alpha) < 1e-6))).all()
    known = ~np.isnan(of(theirs, "alarm"))
    assert np.array_equal(of(theirs, "alarm")[known] == 1, ours.alarm[known])
    assert not ours.alarm[~known].any()


@pytest.mark.parametrize(("name", "near"), [("expected", 1e-5), ("dispersion", 1e-4)])
def test_the_fit_is_r_s(
    case: tuple[pd.DataFrame, Detection, float], name: str, near: float
) -> None:
    theirs, ours, _ = case
    np.testing.assert_allclose(getattr(ours, name), of(theirs, name), rtol=near, atol=near)


def test_the_p_value_is_r_s(case: tuple[pd.DataFrame, Detection, float]) -> None:
    theirs, ours, _ = case
    np.testing.assert_allclose(ours.p_value, of(theirs, "p_value"), rtol=1e-5, atol=1e-6)
