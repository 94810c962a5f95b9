"""Tests that hold for every model in the registry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ewarn.domain.fit import Fit, Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import WEEK
from ewarn.errors import ModelError
from ewarn.ports import Model
from ewarn.run.contracts import models as contract
from models.inputs.inputs import MEMORY_WEEKS
from models.model_kind import USUAL_PURPOSES, ModelKind, ModelRequest
from models.registry import KINDS, card, fitted, served
from models.training.fitted_kind import FittedKind

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
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_model
@pytest.mark.parametrize("check", contract.CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(model: Model, check: Callable[[Model], None]) -> None:
    check(model)


@every_model
def test_its_card_names_what_it_reads_and_where_it_is_weak(model: Model) -> None:
    assert card(model)["signals"] == list(model.signals)
    assert card(model)["weaknesses"]


@every_kind
def test_it_does_what_it_declares(kind: ModelKind) -> None:
    contract.only_stores(kind)
    for target, level in kind.purposes:
        for source, illustration in SOURCES.items():
            request = ModelRequest(source, illustration=illustration)
            contract.does_as_declared(kind, target, level, request)


@pytest.mark.parametrize("kind", [each for each in KINDS.values() if isinstance(each, FittedKind)])
def test_it_remembers_what_it_learned(kind: FittedKind) -> None:
    contract.remembers(kind, kind.sketch)


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
    said = "cannot be read by this version" if isinstance(kind, FittedKind) else "is of the kind"
    with pytest.raises(ModelError, match=said):
        fitted(broken)


def test_each_target_and_level_is_served_by_the_first_kind_that_can() -> None:
    never = replace(KINDS["ensemble"], name="never", serve=lambda *_: None)
    other = replace(KINDS["detector"], purposes=((Target.FORCE, Level.COUNTRY),))
    kinds = {"never": never, "other": other, "detector": KINDS["detector"]}
    made = served("gdelt", kinds=kinds)
    assert [(each.target, each.level) for each in made] == list(USUAL_PURPOSES)
    assert served("gdelt", kinds={"never": never}) == ()


@pytest.mark.parametrize(
    "declared", [{"gives_probability": True}, {"horizon_weeks": 9}, {"name": "another"}]
)
def test_a_model_that_is_not_as_its_kind_declares_does_not_serve(declared: dict[str, Any]) -> None:
    other = replace(KINDS["detector"], **declared)
    with pytest.raises(ModelError, match=f"'{other.name}' serves a model that is not as it"):
        served("gdelt", kinds={other.name: other})


@every_model
def test_what_is_older_than_its_memory_changes_nothing(model: Model) -> None:
    past = contract.panel(model, 900)
    assert contract.same(model.score(past), model.score(past.recent(MEMORY_WEEKS)))


@every_model
@settings(max_examples=5, deadline=None)
@given(order=st.permutations(contract.REGIONS))
def test_no_order_of_regions_matters(model: Model, order: list[str]) -> None:
    past = contract.panel(model, 170)
    answer, shuffled = model.score(past), model.score(past.select(order))
    back = [shuffled.regions.index(region) for region in answer.regions]
    for name in contract.COLUMNS:
        assert np.array_equal(getattr(answer, name), getattr(shuffled, name)[back], equal_nan=True)


@pytest.mark.parametrize(
    "model",
    [*served("exchange", pooled=False), *served("chronicle", illustration=True)],
    ids=lambda model: f"{model.name}-{model.target}-{model.level}",
)
def test_what_may_not_be_learned_from_bounds_no_other_region(model: Model) -> None:
    contract.alone(model)


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
    one, other = (model.score(contract.panel(model, 20)) for model in (told, shown))
    assert other.probability.tolist() == one.probability.tolist()
    assert other.upper.tolist() == one.upper.tolist(), "its own past may be leant on all the same"


def test_an_ensemble_bound_elsewhere_refuses_unless_asked_for_an_illustration() -> None:
    model = next(iter(served("chronicle", illustration=True)))
    model.illustration = False  # type: ignore[attr-defined]
    with pytest.raises(ModelError, match="not calibrated on chronicle"):
        model.score(contract.panel(model, 20))
