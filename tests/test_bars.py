"""Tests of the criteria of `make bench-final`, which the figures of a back-test meet or miss."""

from typing import Any

from benchmarks.final import KNOWN, bars_of_admin1, bars_of_country, bars_of_unseen
from models.judging.backtest.candidates import PLAIN, SERVED
from models.judging.measures.messages import RULE

FIGURES = ("auc", "average_precision", "brier_skill", "calibration_slope", "mean_over_base")


def at(value: float | None, low: float | None = None, high: float | None = None) -> Any:
    return {"value": value, "low": low, "high": high}


def made(**against: Any) -> dict[str, Any]:
    """Return tables in which the ensemble is a little better than the plain model."""
    plain = {name: at(0.1, 0.0, 0.5) for name in FIGURES}
    ours = {name: at(0.2, 0.1, 0.95) for name in FIGURES} | {"auc": at(0.84)}
    alert = {
        "recall": at(0.3, 0.2, 0.4),
        "median_lead_days": at(30.0),
        "false_alarms_per_country_year": at(0.2),
    }
    rule = alert | {
        "recall": at(0.1),
        "recall_of_models_at_no_more_false_alarms": {SERVED: 0.05},
    }
    strata = ("all", "onset", "over 24 subdivisions")
    difference = {
        "auc_difference": at(0.01, 0.001, 0.02),
        "average_precision_ratio": at(1.06),
        "brier_skill_difference": at(0.005),
    }
    messages = {
        "messages_per_country_year": at(0.45),
        "onset": {"number": 9, "told_before": at(0.2), "told_by_next_run": at(0.9)},
        "surge": {"number": 2, "told_before": at(0.6), "told_by_next_run": at(1.0)},
    }
    return {
        "tables": {
            KNOWN: {SERVED: dict.fromkeys(strata, ours), PLAIN: dict.fromkeys(strata, plain)}
        },
        "comparisons": {KNOWN: {SERVED: {PLAIN: {"all": difference | against}}}},
        "messages": {"tables": {KNOWN: {f"{SERVED}, {RULE}": messages}}},
        "alerts": {
            KNOWN: {
                "bearable": 0.2,
                "models": {SERVED: {"at_bearable": alert}},
                "rules": {"hdx-high, floor 1": rule, "hdx-high of all events": rule},
            }
        },
    }


def met(bars: Any) -> dict[str, bool]:
    return {bar.name: bar.met for bar in bars}


def test_each_bar_is_told_by_its_figures() -> None:
    found = met(bars_of_country(made()))
    assert found == {
        "countries: AUC over plain logistic, interval above 0": True,
        "countries: AP at least 1.05 x plain": True,
        "countries: Brier skill no lower than plain": True,
        "countries: calibration slope overlaps 0.9-1.1": True,
        "countries: mean over base overlaps 0.95-1.05": True,
        "aim: AP 1.15 x plain": False,
        "aim: Brier skill +0.010": False,
        "aim: onset AUC 0.83": True,
        "onsets: recall at 0.2 false alarms a country-year above HDX's": True,
        "onsets: recall at no more false alarms than hdx-high of all events": False,
        "messages: at most 0.5 a country and year": True,
        "messages: onsets told by next run, at least 85%": True,
        "messages: onsets told before, at least 18%": True,
        "messages: surges told by next run, at least 95%": True,
        "messages: surges told before, at least 70%": False,
        "aim: onsets told before, 30%": False,
    }


def test_an_interval_that_holds_zero_is_short_and_none_is_never_met() -> None:
    unsure = made(auc_difference=at(0.01, -0.001, 0.02), average_precision_ratio=at(None))
    found = met(bars_of_country(unsure))
    assert not found["countries: AUC over plain logistic, interval above 0"]
    assert not found["countries: AP at least 1.05 x plain"]
    assert "short" in bars_of_country(unsure)[0].line()
    assert "0.010 (-0.001 to 0.020)" in bars_of_country(unsure)[0].line()


def test_countries_never_seen_and_sizes_of_countries_have_bars() -> None:
    assert all(met(bars_of_unseen(made())).values())
    names = met(bars_of_admin1(made()))
    assert names["subdivisions: AP no lower than plain, over 24 subdivisions"]
    turned = made()
    turned["tables"][KNOWN][SERVED], turned["tables"][KNOWN][PLAIN] = (
        turned["tables"][KNOWN][PLAIN],
        turned["tables"][KNOWN][SERVED],
    )
    assert not any(met(bars_of_unseen(turned)).values())
