"""`metrics.json`: every table of a back-test as plain values, described in docs/backtest.md."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from ewarn.domain.rule import Rise
from ewarn.domain.target import MATURITY_WEEKS, Target
from ewarn.domain.time import WEEK
from ewarn.frames.panel import Panel
from ewarn.frames.predictions import FloatArray
from ewarn.ports import History
from models.inputs.targets import VERSIONS, target_series
from models.judging.backtest.candidates import BASELINES, SERVED
from models.judging.backtest.compute import Task, run
from models.judging.backtest.plan import Knowledge, Plan
from models.judging.backtest.scored import Scored
from models.judging.measures.bootstrap import DRAWS, LEAST_COUNTRIES, Draws, estimate, finite
from models.judging.measures.emergencies import Emergencies, lethal_weeks
from models.judging.measures.episodes import Episodes
from models.judging.measures.messages import PLAIN_THRESHOLD
from models.judging.measures.metrics import Figures, LabelledRows, compared
from models.judging.reporting.alerting_table import alert_table
from models.judging.reporting.message_table import messages_of
from models.judging.reporting.strata import ALL, ONGOING, ONSET, strata_of
from models.judging.reporting.worst import worst
from models.numeric.intervals import LEVEL
from models.training.rows import EPOCH, week_number

FORMAT = 1
OF_FORCE = (Target.FORCE, Target.ONSET, Target.ESCALATION)  # targets that onsets can be used for
COMPARED = (ALL, ONSET, ONGOING)
YEARLY = ("rows", "positives", "base_rate", "brier_skill", "auc", "average_precision")
GAPS = ("auc", "average_precision", "brier_skill", "log_score")

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Table = dict[str, dict[str, Figures]]


@dataclass(frozen=True)
class Surroundings:
    """What the tables need besides the scores: names and sizes of regions, and the rule."""

    names: Mapping[str, str]
    sizes: Mapping[str, int]
    rise: Rise | None = None  # of the rule in force for the target and level


def document(
    plan: Plan, history: History, found: Mapping[Knowledge, Scored], around: Surroundings
) -> dict[str, Any]:
    """Return every table of each vintage, and the gap between the vintages."""
    known = found[Knowledge.KNOWN]
    draws = Draws.of(len(known.countries), seed=plan.seed)
    final = history.final()
    tables = {vintage: _figures(scored, around, draws) for vintage, scored in found.items()}
    return {
        "format": FORMAT,
        "question": _question(plan),
        "test": _test(plan),
        "data": _data(plan, final, known),
        "tables": {str(vintage): _estimates(table) for vintage, table in tables.items()},
        "comparisons": {str(vintage): _comparisons(table) for vintage, table in tables.items()},
        "gap": _gap(tables),
        "years": {str(vintage): _years(scored) for vintage, scored in found.items()},
        "reliability": {str(vintage): _reliability(scored) for vintage, scored in found.items()},
        "alerts": _alerts(plan, final, found, draws),
        "messages": _messages(plan, final, found, around, draws),
        "worst": worst(known, _leading(known), around.names, plan.question.horizon_weeks),
    }


def _alerts(
    plan: Plan, final: Panel, found: Mapping[Knowledge, Scored], draws: Draws
) -> dict[str, Any] | None:
    """Return the tables of alerts, or None if the target is not of force, as onsets are."""
    if plan.question.target not in OF_FORCE:
        return None
    truth, first = episodes_of(final, plan), week_number(plan.origins[0].date())
    return {
        str(vintage): alert_table(scored, truth, first, draws) for vintage, scored in found.items()
    }


def _messages(
    plan: Plan,
    final: Panel,
    found: Mapping[Knowledge, Scored],
    around: Surroundings,
    draws: Draws,
) -> dict[str, Any] | None:
    """Return the tables of messages, or None if the target is not lethal force."""
    if plan.question.target is not Target.FORCE:
        return None
    first = week_number(plan.origins[0].date())
    first_day, last_day = plan.origins[0].date(), plan.origins[-1].date()
    lethal, before = lethal_weeks(
        final, plan.question.source, plan.question.level, first_day, last_day
    )
    truth = Emergencies.of(lethal)
    return {
        "rise": None if around.rise is None else asdict(around.rise),
        "threshold": PLAIN_THRESHOLD,
        "tables": {
            str(vintage): messages_of(scored, truth, (first, before), around.rise, draws)
            for vintage, scored in found.items()
        },
    }


def episodes_of(final: Panel, plan: Plan) -> Episodes:
    """Return the episodes in the test's weeks, by the final panel. Weeks after it have none."""
    question = plan.question
    regions = np.array(
        [final.region_index[name] for name in final.at(question.level)], dtype=np.int64
    )
    lethal = _lethal(final, question.source)[:, regions]
    start, last = plan.origins[0].date(), plan.origins[-1].date()
    first = (start - final.first_week).days // 7
    beyond = max((last + WEEK - final.origin).days // 7, 0)
    whole = np.vstack([lethal, np.zeros((beyond, len(regions)), dtype=np.bool_)])
    return Episodes.of(whole[: (last + WEEK - final.first_week).days // 7], first)


def _lethal(final: Panel, source: str) -> Mask:
    return np.asarray(target_series(final, source, Target.FORCE) > 0)


def _leading(scored: Scored) -> str:
    return SERVED if SERVED in scored.columns else list(scored.columns)[-1]


def _figures(scored: Scored, around: Surroundings, draws: Draws) -> Table:
    """Return figures of every model in every stratum, each with its draws.

    The models are computed in parallel on the current joblib backend.
    """
    over = ~np.isnan(scored.label)
    rows = {name: over & mask for name, mask in strata_of(scored, around.sizes).items()}
    small = replace(scored, columns={}, alarms={})

    def task_of(column: FloatArray) -> Task:
        return lambda: (_figures_of, (small, column, rows, draws))

    tasks = {name: task_of(column) for name, column in scored.columns.items()}
    found = dict(run(tasks))
    return {name: found[name] for name in scored.columns}


def _figures_of(
    scored: Scored, column: FloatArray, strata: Mapping[str, Mask], draws: Draws
) -> dict[str, Figures]:
    return {
        stratum: _drawn(_judged(scored, column, rows), draws)
        for stratum, rows in strata.items()
        if rows.any()
    }


def _drawn(judged: LabelledRows, draws: Draws) -> Figures:
    """Return figures of all countries and of each draw, which are NaN if countries are too few."""
    if len(np.unique(judged.country)) >= LEAST_COUNTRIES:
        return judged.figures(draws.with_all)
    none = np.full(len(draws.weights), np.nan)
    alone = judged.figures(draws.all_once)
    return {name: np.concatenate([value, none]) for name, value in alone.items()}


def _judged(scored: Scored, column: FloatArray, rows: Mask) -> LabelledRows:
    return LabelledRows(
        column[rows], scored.label[rows], scored.country[rows], len(scored.countries)
    )


def _estimates(table: Table) -> dict[str, Any]:
    return {
        model: {
            stratum: {name: estimate(values) for name, values in figures.items()}
            for stratum, figures in strata.items()
        }
        for model, strata in table.items()
    }


def _comparisons(table: Table) -> dict[str, Any]:
    """Compare every model with every baseline, on the same rows and draws."""
    return {
        model: {
            baseline: {
                stratum: {
                    name: estimate(values)
                    for name, values in compared(strata[stratum], table[baseline][stratum]).items()
                }
                for stratum in COMPARED
                if stratum in strata
            }
            for baseline in BASELINES
            if baseline in table and baseline != model
        }
        for model, strata in table.items()
    }


def _gap(tables: Mapping[Knowledge, Table]) -> dict[str, Any]:
    """Return how much evaluation on final data flatters: figure as final minus figure as known."""
    known, final = tables[Knowledge.KNOWN], tables.get(Knowledge.FINAL, {})
    return {
        model: {name: estimate(final[model][ALL][name] - known[model][ALL][name]) for name in GAPS}
        for model in known
        if model in final and ALL in final[model] and ALL in known[model]
    }


def _years(scored: Scored) -> dict[str, Any]:
    over = ~np.isnan(scored.label)
    year = np.array([(EPOCH + timedelta(weeks=int(w))).year for w in np.unique(scored.week)])
    year = year[np.unique(scored.week, return_inverse=True)[1]]
    found: dict[str, Any] = {}
    for each in np.unique(year):
        rows = over & (year == each)
        if not rows.any():
            continue
        once = np.ones((1, len(scored.countries)))
        found[str(each)] = {}
        for name, column in scored.columns.items():
            figures = _judged(scored, column, rows).figures(once)
            found[str(each)][name] = {item: finite(figures[item][0]) for item in YEARLY}
    return found


def _reliability(scored: Scored) -> dict[str, Any]:
    over = ~np.isnan(scored.label)
    return {name: _judged(scored, column, over).bins() for name, column in scored.columns.items()}


def _question(plan: Plan) -> dict[str, Any]:
    question = plan.question
    return {
        "target": str(question.target),
        "target_version": VERSIONS[question.target],
        "level": str(question.level),
        "horizon_weeks": question.horizon_weeks,
        "label_source": question.source,
        "label_maturity_weeks": MATURITY_WEEKS,
    }


def _test(plan: Plan) -> dict[str, Any]:
    return {
        "start": plan.start.isoformat(),
        "end": plan.end.isoformat(),
        "origins": len(plan.origins),
        "refits": [fold.moment.date().isoformat() for fold in plan.folds],
        "embargo_weeks": plan.question.horizon_weeks,
        "learn_from": plan.learn_from.isoformat(),
        "learn_every_weeks": plan.learn_every,
        "keep_negatives": plan.keep_negatives,
        "leave_countries_out": plan.groups if plan.groups > 1 else None,
        "seed": plan.seed,
        "draws": DRAWS,
        "interval": LEVEL,
    }


def _data(plan: Plan, final: Panel, scored: Scored) -> dict[str, Any]:
    over = ~np.isnan(scored.label)
    mature = week_number(final.origin) - plan.question.horizon_weeks - MATURITY_WEEKS
    return {
        "first_week": final.first_week.isoformat(),
        "end": final.origin.isoformat(),
        "countries": len(scored.countries),
        "regions": len(scored.regions),
        "rows": len(scored.week),
        "rows_with_outcome": int(over.sum()),
        "rows_not_mature": int((over & (scored.week > mature)).sum()),
        "deployments": "none: a file of events holds no deployments, so none is left out",
    }
