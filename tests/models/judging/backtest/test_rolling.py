import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import ModelError, SettingsError
from ewarn.panel.history import EventHistory
from models.baselines.base_rate import BaseRate
from models.baselines.conflictology import Conflictology
from models.baselines.plain_logistic import PlainLogistic
from models.inputs.targets import HORIZONS
from models.judging.backtest.candidates import Alone, Candidate, usual
from models.judging.backtest.compute import backend
from models.judging.backtest.parts import Parts, code_version
from models.judging.backtest.plan import Knowledge, Plan, first_learned, mondays
from models.judging.backtest.rolling import rolling, steps_of
from models.judging.backtest.scored import Scored
from models.training.rows import ModelQuestion, week_number
from tests.models.judging.conftest import (
    COUNTRIES,
    END,
    FIRST,
    KINDS,
    Row,
    history_of,
    known_by,
    one,
    plan_of,
)

HERE = Path(__file__).parents[4]


def light(question: ModelQuestion, outcomes: int) -> list[Candidate]:
    """Candidates that learn in three ways and fast."""
    return [Alone(BaseRate()), Alone(Conflictology()), Alone(PlainLogistic())]


def run(
    history: EventHistory,
    plan: Plan,
    folder: Path,
    vintage: Knowledge = Knowledge.KNOWN,
    makers: Any = light,
    said: list[str] | None = None,
) -> Scored:
    with backend(processes=1):
        return rolling(
            history,
            plan,
            vintage,
            parts=Parts(folder, "test"),
            done=(said if said is not None else []).append,
            makers=makers,
        )


def same(one_: Scored, other: Scored, until: int | None = None) -> bool:
    """Equal to the bit in the rows before week `until`, labels aside."""
    kept, others = (slice(None) if until is None else each.week <= until for each in (one_, other))
    names = ("week", "region", "quiet", "active", "watched")
    return all(
        np.array_equal(getattr(one_, name)[kept], getattr(other, name)[others]) for name in names
    ) and all(
        np.array_equal(column[kept], other.columns[name][others])
        for name, column in one_.columns.items()
    )


@pytest.fixture(scope="module")
def scored(history: EventHistory, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    return run(history, plan_of(), tmp_path_factory.mktemp("parts"))


@settings(max_examples=4, deadline=None)
@given(week=st.integers(0, 86), data=st.data())
def test_nothing_known_after_an_origin_changes_its_score(
    rows: list[Row], scored: Scored, tmp_path_factory: pytest.TempPathFactory, week: int, data: Any
) -> None:
    origin = plan_of().origins[week]
    known = known_by(rows, origin)
    later = [
        one(
            f"later-{number}",
            data.draw(st.sampled_from(COUNTRIES)),
            data.draw(st.sampled_from(KINDS)),
            data.draw(st.dates(FIRST - 104 * WEEK, END - WEEK)),
        )
        | {"known_at": origin + timedelta(days=data.draw(st.integers(1, 900)))}
        for number in range(40)
    ]
    # Known events are corrected, doubled and withdrawn later, and the others never arrive.
    after = midnight(origin.date() + timedelta(days=1))
    changed = [
        row | {"known_at": after, "kind": "force", "tags": "response:killing"}
        for row in known[:: data.draw(st.integers(2, 9))]
    ]
    gone = [row | {"known_at": after + timedelta(days=1), "deleted": True} for row in known[::7]]
    altered = history_of([*known, *later, *changed, *gone])
    again = run(altered, plan_of(), tmp_path_factory.mktemp("altered"))
    assert same(again, scored, until=week_number(origin.date()))
    assert not same(again, scored) or week == 86


def test_labels_of_a_refit_are_those_known_at_it(rows: list[Row], tmp_path: Path) -> None:
    # Every lethal event of 2012 becomes known in 2013, after the first refit.
    silent = [
        row | {"known_at": midnight(plan_of().start + timedelta(days=100))}
        if row["tags"] and row["occurred_on"].year == 2012
        else row
        for row in rows
    ]
    plan = plan_of(end=plan_of().start + timedelta(weeks=1), learn_from=plan_of().start - 52 * WEEK)
    late = history_of(silent)
    with pytest.raises(ModelError, match=r"Refit of 2013-01-07: \d+ training rows hold 0"):
        run(late, plan, tmp_path / "known")
    final = run(late, plan, tmp_path / "final", Knowledge.FINAL)
    assert final.columns["base-rate"].min() > 0


def test_final_inputs_are_those_of_the_last_day(history: EventHistory, tmp_path: Path) -> None:
    known = run(history, plan_of(), tmp_path / "known")
    final = run(history, plan_of(), tmp_path / "final", Knowledge.FINAL)
    assert np.array_equal(known.label, final.label)
    assert not np.array_equal(known.quiet, final.quiet)
    panel = history.final()
    origin = mondays(plan_of().start, plan_of().start)[0]
    lethal = panel.until(origin.date()).recent(26).series("mass-mobilization:force:lethal")
    first = final.week == week_number(origin.date())
    assert np.array_equal(final.quiet[first], lethal.sum(axis=0) == 0)


def test_every_refit_keeps_its_embargo(history: EventHistory, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    class Watching(BaseRate):
        name = "watching"

    def watched(question: ModelQuestion, outcomes: int) -> list[Candidate]:
        class Candid(Alone):
            def fit_rows(self, rows: Any) -> Any:
                seen.append((int(rows.week.min()), int(rows.week.max())))
                return super().fit_rows(rows)

        return [Candid(Watching())]

    plan = plan_of(refit_weeks=20)
    run(history, plan, tmp_path, makers=watched)
    moments = [week_number(fold.moment.date()) for fold in plan.folds]
    assert [last for _, last in seen] == [moment - 4 for moment in moments]
    assert {first for first, _ in seen} == {week_number(plan.learn_from)}


@pytest.mark.parametrize(
    ("target", "weeks"),
    [
        *((target, 4) for target in Target if target is not Target.KILLINGS),
        *((Target.FORCE, weeks) for weeks in HORIZONS),
    ],
)
def test_all_targets_and_horizons_can_be_asked(
    history: EventHistory, tmp_path: Path, target: Target, weeks: int
) -> None:
    plan = plan_of(target, end=plan_of().start + 9 * WEEK)
    question = replace(plan.question, horizon_weeks=weeks)
    if target is Target.ELECTION:
        with pytest.raises(ModelError):
            run(history, replace(plan, question=question), tmp_path, makers=usual)
        return
    found = run(history, replace(plan, question=question), tmp_path)
    assert set(found.columns) == {"base-rate", "conflictology-12", "plain-logistic"}
    if target is Target.ONSET:
        assert found.quiet.all()
    assert 0 < found.label.sum() < len(found.label)


def test_outcomes_beyond_the_data_are_unknown(history: EventHistory, tmp_path: Path) -> None:
    plan = plan_of(end=END)
    found = run(history, plan, tmp_path)
    last = week_number(END) - plan.question.horizon_weeks
    assert np.array_equal(np.isnan(found.label), found.week > last)


def test_a_test_whose_outcomes_all_lie_ahead_is_refused(
    history: EventHistory, tmp_path: Path
) -> None:
    plan = plan_of(start=END - 3 * WEEK, end=END, learn_every=13)
    with pytest.raises(ModelError, match="No row scored from 2014-12-15 on has a complete outcome"):
        run(history, plan, tmp_path)


def test_countries_left_out_are_scored_by_models_that_never_saw_them(
    rows: list[Row], history: EventHistory, tmp_path: Path
) -> None:
    plan = plan_of(groups=3, end=plan_of().start + 20 * WEEK)
    groups = plan.group_of(COUNTRIES)
    assert sorted(np.bincount(groups)) == [2, 3, 3]
    found = run(history, plan, tmp_path / "one")
    # What happened in one group changes the scores of other groups, and not its own.
    group = {name for name, number in zip(COUNTRIES, groups, strict=True) if number == 0}
    spared = [row for row in rows if row["country"] not in group or row["kind"] != "force"]
    changed = run(history_of(spared), plan, tmp_path / "other")
    own = np.isin(found.country, np.flatnonzero(groups == 0))
    rate, other = found.columns["base-rate"], changed.columns["base-rate"]
    assert np.array_equal(rate[own], other[own])
    assert (rate[~own] != other[~own]).all()
    whole = run(history, replace(plan, groups=1), tmp_path / "whole")
    assert np.array_equal(whole.week, found.week)
    assert np.array_equal(whole.region, found.region)
    assert whole.columns.keys() == found.columns.keys()


def test_the_order_of_regions_does_not_matter(
    rows: list[Row], scored: Scored, tmp_path: Path
) -> None:
    turned = replace(history_of(rows), regions=tuple(reversed(COUNTRIES)))
    found = run(turned, plan_of(), tmp_path)
    back = np.lexsort((len(COUNTRIES) - 1 - found.region, found.week))
    for name, column in scored.columns.items():
        assert found.columns[name][back] == pytest.approx(column, rel=1e-4), name


def test_few_negatives_stand_for_all(history: EventHistory, scored: Scored, tmp_path: Path) -> None:
    found = run(history, plan_of(keep_negatives=0.3), tmp_path)
    assert found.columns["base-rate"] == pytest.approx(scored.columns["base-rate"], rel=0.15)
    assert not np.array_equal(found.columns["base-rate"], scored.columns["base-rate"])


def test_folds_and_origins() -> None:
    plan = plan_of()
    assert [fold.moment.date().isoformat() for fold in plan.folds] == ["2013-01-07", "2014-01-06"]
    assert sum(len(fold.origins) for fold in plan.folds) == len(plan.origins) == 87
    assert len(replace(plan, refit_weeks=13).folds) == 7
    assert plan.origins[0].weekday() == 0
    assert mondays(plan.start + timedelta(days=1), plan.start + timedelta(days=6)) == []
    assert first_learned(FIRST, plan.start) == FIRST + 78 * WEEK
    assert first_learned(FIRST, FIRST + 1000 * WEEK) == FIRST + 156 * WEEK


def test_progress_is_said_once_a_step_also_when_parts_are_there(
    history: EventHistory, tmp_path: Path
) -> None:
    first: list[str] = []
    again: list[str] = []
    one_ = run(history, plan_of(), tmp_path, said=first)
    other = run(history, plan_of(), tmp_path, said=again)
    assert len(first) == len(again) == steps_of(plan_of())
    assert same(one_, other)


def test_a_damaged_part_is_made_again(
    history: EventHistory, scored: Scored, tmp_path: Path
) -> None:
    run(history, plan_of(), tmp_path)
    for part in tmp_path.glob("*.joblib"):
        part.write_bytes(part.read_bytes()[:100])
    assert same(run(history, plan_of(), tmp_path), scored)


def test_only_parts_are_discarded(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    parts = Parts(folder, "test")
    parts.discard()  # there is none yet
    parts.keep("one", 1)
    (folder / f"{'0' * 32}.77.draft").touch()
    (folder / "thesis.joblib").touch()
    (folder / "photos").mkdir()
    parts.discard()
    assert sorted(path.name for path in folder.iterdir()) == ["photos", "thesis.joblib"]
    Parts(tmp_path / "own", "test").keep("one", 1)
    Parts(tmp_path / "own", "another").discard()
    assert not (tmp_path / "own").exists()


def test_the_version_of_code_is_that_of_every_file_of_every_package(tmp_path: Path) -> None:
    package = ModuleType("package")
    package.__file__ = str(tmp_path / "__init__.py")
    (tmp_path / "data").mkdir()
    data = tmp_path / "data" / "places.csv"
    data.write_text("a")
    first = code_version(package)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.pyc").touch()
    assert code_version(package) == first != code_version()
    data.write_text("b")
    assert code_version(package) != first


KILLED = """
import sys, time
from pathlib import Path
from models.judging.backtest import rolling as engine
from models.judging.backtest.compute import backend
from models.judging.backtest.parts import Parts
from models.judging.backtest.plan import Knowledge
from tests.models.judging.conftest import history_of, invented, plan_of
from tests.models.judging.backtest.test_rolling import light

count = 0
def done(title):
    global count
    count += 1
    if count == 4:
        print("ready", flush=True)
        time.sleep(600)

with backend(processes=1):
    engine.rolling(history_of(invented()), plan_of(), Knowledge.KNOWN,
        parts=Parts(Path(sys.argv[1]), "test"), done=done, makers=light)
"""


def test_a_run_that_was_killed_goes_on(
    history: EventHistory, scored: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=HERE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        os.kill(process.pid, signal.SIGKILL)
    kept = {part.name: part.stat().st_mtime_ns for part in tmp_path.glob("*.joblib")}
    assert len(kept) == 4
    assert same(run(history, plan_of(), tmp_path), scored)
    after = {part.name: part.stat().st_mtime_ns for part in tmp_path.glob("*.joblib")}
    assert len(after) == steps_of(plan_of())
    assert {name: after[name] for name in kept} == kept  # they were used, not made again


@pytest.mark.filterwarnings("ignore")
def test_processes_here_and_on_a_dask_cluster_answer_alike_to_the_bit(
    history: EventHistory, tmp_path: Path
) -> None:
    import distributed  # noqa: PLC0415 - only here, it takes a second

    plan = plan_of(end=plan_of().start + 53 * WEEK)

    def ran(compute: str) -> Scored:
        parts = Parts(tmp_path / (compute or "here").partition(":")[0], "test")
        with backend(compute, processes=2):
            return rolling(
                history, plan, Knowledge.KNOWN, parts=parts, done=lambda title: None, makers=light
            )

    cluster_of: Any = distributed.LocalCluster
    with cluster_of(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        far = ran(f"dask://{cluster.scheduler_address.removeprefix('tcp://')}")
    assert same(far, ran(""))


def test_another_backend_is_refused_in_one_sentence() -> None:
    with pytest.raises(SettingsError, match="write dask://host:8786"), backend("spark://x"):
        pass
