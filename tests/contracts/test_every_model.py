"""What holds for every model in the registry, whoever adds one."""

import inspect
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.fit import Fit, Purpose
from ewarn.domain.kinds import AROUND
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel, Spans
from ewarn.frames.predictions import Prediction
from ewarn.ports import Model
from models.inputs.inputs import MEMORY_WEEKS
from models.inputs.targets import KINDS as SIGNALS
from models.model_kind import USUAL_PURPOSES, ModelKind, ModelRequest
from models.registry import KINDS, card, fitted, served

SOURCES = {"mass-mobilization": False, "chronicle": True, "gdelt": False}
EVERY = [
    pytest.param(model, id=f"{source}-{model.name}-{model.target}-{model.level}")
    for source, illustration in SOURCES.items()
    for model in served(source, illustration=illustration)
] + [
    pytest.param(model, id=f"alone-{model.name}-{model.target}-{model.level}")
    for model in served("exchange", pooled=False)
]
every_model = pytest.mark.parametrize("model", EVERY)
REGIONS = ("TGO", "TG-M", "TG-K", "BEN", "BJ-OU", "GHA")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO", "BJ-OU": "BEN"}


def panel(model: Model, weeks: int, rate: float = 0.1, seed: int = 2) -> Panel:
    """Counts of the model's source for six regions, the rate growing from one to the next."""
    source = model.signals[0].partition(":")[0]
    signals = tuple(f"{source}:{kind}" for kind in SIGNALS)
    shape = (weeks, len(REGIONS), len(signals))
    random = np.random.default_rng(seed)
    counts = random.poisson(rate * np.arange(1, 7)[:, None], shape).astype(np.int32)
    spans = Spans(*(np.array([value]) for value in (0, 2, weeks - 6, weeks - 2, 1)))
    kept = spans if weeks > 6 else Spans()
    observed = np.ones(shape, dtype=np.bool_)
    return Panel(date(2012, 1, 2), REGIONS, signals, PARENTS, counts, observed, kept)


def same(one: Prediction, other: Prediction) -> bool:
    """Equal to the bit, NaN included."""
    names = ("probability", "low", "high", "expected", "upper", "observed")
    return one.regions == other.regions and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in names
    )


def check(model: Model, answer: Prediction) -> None:
    """A sound answer: probabilities in order, members without NaN, or none at all."""
    if model.basis is Basis.UNCALIBRATED:
        assert np.isnan([answer.probability, answer.low, answer.high]).all()
        return
    assert (answer.low <= answer.probability).all()
    assert (answer.probability <= answer.high).all()
    assert ((answer.low > 0) & (answer.high < 1)).all()
    for member in answer.members.values():
        assert ((member >= 0) & (member <= 1)).all()


@every_model
def test_it_keeps_the_promise_of_a_model(model: Model) -> None:
    assert isinstance(model, Model)
    assert model.signals
    assert card(model)["signals"] == list(model.signals)
    assert card(model)["weaknesses"]


every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_kind
def test_its_constructor_only_stores(kind: ModelKind) -> None:
    made: Any = kind.make(Target.FORCE, Level.COUNTRY, source="gdelt")
    assert set(vars(made)) == set(inspect.signature(kind.make).parameters)
    assert made.source == "gdelt"


@every_kind
def test_it_does_what_it_declares(kind: ModelKind) -> None:
    for target, level in kind.purposes:
        for source, illustration in SOURCES.items():
            model = kind.serve(target, level, ModelRequest(source, illustration=illustration))
            if model is None:
                continue
            assert (model.name, model.target, model.level) == (kind.name, target, level)
            assert model.horizon_weeks == kind.horizon_weeks
            answer = model.score(panel(model, 170))
            assert kind.gives_probability is bool(np.isfinite(answer.probability).any())
            assert kind.gives_probability is not (model.basis is Basis.UNCALIBRATED)


@every_kind
def test_it_says_so_where_a_document_cannot_be_restored(kind: ModelKind) -> None:
    purpose = Purpose("gdelt", *kind.purposes[0], kind.horizon_weeks)
    at = datetime(2020, 1, 6, tzinfo=UTC)
    broken = Fit(
        id=7,
        purpose=purpose,
        name=kind.name,
        version="1",
        document="{}",
        sha256="0" * 64,
        first_week=date(2012, 1, 2),
        labels_before=date(2018, 1, 1),
        as_of=at,
        fitted_at=at,
    )
    said = "cannot be read by this version" if kind.is_fitted else "is of the kind"
    with pytest.raises(ModelError, match=said):
        fitted(broken)


def test_each_target_and_level_is_served_by_the_first_kind_that_can() -> None:
    never = replace(KINDS["ensemble"], name="never", serve=lambda *_: None)
    other = replace(KINDS["detector"], name="other", purposes=((Target.FORCE, Level.COUNTRY),))
    kinds = {"never": never, "other": other, "detector": KINDS["detector"]}
    made = served("gdelt", kinds=kinds)
    assert [(each.target, each.level) for each in made] == list(USUAL_PURPOSES)
    assert served("gdelt", kinds={"never": never}) == ()


@every_model
def test_it_answers_for_the_regions_of_its_level(model: Model) -> None:
    answer = model.score(panel(model, 170))
    countries, subdivisions = ("TGO", "BEN", "GHA"), tuple(PARENTS)
    assert answer.regions == (countries if model.level is Level.COUNTRY else subdivisions)


@every_model
@pytest.mark.parametrize("weeks", [0, 1, 3, 8, 60, 300])
def test_it_answers_whatever_the_length_of_the_past(model: Model, weeks: int) -> None:
    past = panel(model, weeks)
    check(model, model.score(past))
    model.drivers(past, past.at(model.level))


@every_model
@pytest.mark.parametrize("value", [0, 10**9, 2**31 - 1])
def test_it_answers_silence_and_floods(model: Model, value: int) -> None:
    past = panel(model, 170)
    past.counts[:] = value
    answer = model.score(past)
    check(model, answer)
    assert np.isfinite(answer.expected).all()
    assert np.isfinite(answer.upper).all()
    model.drivers(past, past.at(model.level))


@every_model
def test_a_week_that_was_not_observed_is_not_seen_as_zero(model: Model) -> None:
    past = panel(model, 170)
    past.observed[-1] = False
    assert np.isnan(model.score(past).observed).all()
    past.observed[:] = False
    assert np.isnan(model.score(past).upper).all()
    check(model, model.score(past))


@every_model
def test_what_comes_after_the_origin_changes_nothing(model: Model) -> None:
    past = panel(model, 200)
    cut = past.until(past.week(180))
    before = model.score(cut)
    past.counts[180:] = 77
    past.observed[180:] = False
    assert same(model.score(past.until(past.week(180))), before)


@every_model
def test_what_is_older_than_its_memory_changes_nothing(model: Model) -> None:
    past = panel(model, 900)
    assert same(model.score(past), model.score(past.recent(MEMORY_WEEKS)))


@every_model
@settings(max_examples=5, deadline=None)
@given(order=st.permutations(REGIONS))
def test_the_order_of_regions_does_not_matter(model: Model, order: list[str]) -> None:
    past = panel(model, 170)
    answer, shuffled = model.score(past), model.score(past.select(order))
    back = [shuffled.regions.index(region) for region in answer.regions]
    for name in ("probability", "low", "high", "expected", "upper", "observed"):
        assert np.array_equal(getattr(answer, name), getattr(shuffled, name)[back], equal_nan=True)


@every_model
def test_the_regions_that_are_asked_for_get_the_answers_they_have_among_all(model: Model) -> None:
    past = panel(model, 170)
    answer = model.score(past)
    asked = (answer.regions[-1], answer.regions[0], "nowhere")
    some = model.score(past, asked)
    assert some.regions == (answer.regions[0], answer.regions[-1])
    for name in ("probability", "low", "high", "expected", "upper", "observed", "false_discovery"):
        all_of_them, those = getattr(answer, name), getattr(some, name)
        if all_of_them is not None:
            assert np.array_equal(all_of_them[[0, -1]], those, equal_nan=True), name
    for name, values in answer.members.items():
        assert np.array_equal(values[[0, -1]], some.members[name]), name


@every_model
def test_it_answers_the_same_twice(model: Model) -> None:
    past = panel(model, 170)
    assert same(model.score(past), model.score(past))
    regions = past.at(model.level)
    assert model.drivers(past, regions) == model.drivers(past, regions)


@every_model
def test_one_region_alone_is_answered(model: Model) -> None:
    region = "TGO" if model.level is Level.COUNTRY else "TG-M"
    alone = panel(model, 170).select([region])
    check(model, model.score(alone))
    assert set(model.drivers(alone, [region])) == {region}


@every_model
def test_no_region_is_no_answer(model: Model) -> None:
    nowhere = panel(model, 170).select([])
    assert model.score(nowhere).regions == ()
    assert model.drivers(nowhere, []) == {}


@every_model
def test_its_drivers_name_signals_it_reads_and_events_that_were(model: Model) -> None:
    past = panel(model, 170, rate=0.5)
    for drivers in model.drivers(past, past.at(model.level)).values():
        source = model.signals[0].partition(":")[0]
        named = {driver.signal for driver in drivers}
        assert named <= {*model.signals, f"{source}:{AROUND}"}
        assert all(driver.first_week <= driver.last_week < past.origin for driver in drivers)


@pytest.mark.parametrize(
    "model",
    [*served("exchange", pooled=False), *served("chronicle", illustration=True)],
    ids=lambda model: f"{model.name}-{model.target}-{model.level}",
)
def test_what_may_not_be_learned_from_bounds_no_other_region(model: Model) -> None:
    past, other = panel(model, 170), panel(model, 170)
    kept = REGIONS.index("TGO" if model.level is Level.COUNTRY else "TG-M")
    other.counts[:, [region for region in range(6) if region != kept]] *= 5
    one, two = model.score(past), model.score(other)
    region = one.regions.index(REGIONS[kept])
    for name in ("expected", "upper", "observed", "p_value"):
        assert getattr(one, name)[region] == getattr(two, name)[region]


def test_a_source_without_calibration_gets_no_probability() -> None:
    assert {model.basis for model in served("gdelt")} == {Basis.UNCALIBRATED}
    assert {model.basis for model in served("chronicle")} == {Basis.UNCALIBRATED}
    assert {model.basis for model in served("mass-mobilization")} == {Basis.CALIBRATED}
    assert {m.basis for m in served("chronicle", illustration=True)} == {Basis.ILLUSTRATION}


def test_what_knew_what_came_after_an_origin_is_an_illustration_there() -> None:
    (before,) = {model.labels_before for model in served("mass-mobilization")}  # type: ignore[attr-defined]
    past = served("mass-mobilization", origin=before - WEEK)
    assert {model.basis for model in past} == {Basis.ILLUSTRATION}
    bases = {model.basis for model in served("mass-mobilization", origin=before)}
    assert bases == {Basis.CALIBRATED}
    told, shown = served("mass-mobilization")[0], past[0]
    one, other = (model.score(panel(model, 20)) for model in (told, shown))
    assert other.probability.tolist() == one.probability.tolist()
    assert other.upper.tolist() == one.upper.tolist(), "its own past may be leant on all the same"


def test_an_ensemble_bound_elsewhere_refuses_unless_asked_for_an_illustration() -> None:
    model = next(iter(served("chronicle", illustration=True)))
    model.illustration = False  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="not calibrated on chronicle"):
        model.score(panel(model, 20))
