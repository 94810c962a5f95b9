"""Shapes: each is closed, shows an example of every field, and lets nothing else out."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import pytest

import ewarn.egress
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.response import RecommendationRecord
from ewarn.egress.scorecards import RulePromise, ScorecardRecord
from ewarn.egress.scores import ScoreRecord
from ewarn.egress.shapes import Shape, example_of, outbound, table_columns

for _module in iter_modules(ewarn.egress.__path__):
    import_module(f"ewarn.egress.{_module.name}")


def _below(shape: type[Shape]) -> Iterator[type[Shape]]:
    for each in shape.__subclasses__():
        yield each
        yield from _below(each)


SHAPES = sorted(set(_below(Shape)), key=lambda shape: shape.__name__)


def _planted(value: Any, make: Any) -> Any:
    """The same records with a field too many in each, made by `make` of their fields."""
    if isinstance(value, Shape):
        names = {name: field.alias or name for name, field in type(value).model_fields.items()}
        fields = {names[name]: _planted(inner, make) for name, inner in value}
        return make(**fields, planted="the name of a person")
    if isinstance(value, list):
        return [_planted(each, make) for each in value]
    if isinstance(value, dict):
        return {name: _planted(each, make) for name, each in value.items()}
    return value


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_its_example_has_every_field_and_no_other(shape: type[Shape]) -> None:
    example = example_of(shape)
    assert len(example) == len(shape.model_fields)
    shape.model_validate(example)
    with pytest.raises(ValueError, match="planted"):
        shape.model_validate(example | {"planted": 1})


@pytest.mark.parametrize("make", [SimpleNamespace, dict], ids=["object", "mapping"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_planted_field_never_leaves(shape: type[Shape], make: Any) -> None:
    record = shape.model_validate(example_of(shape))
    left = outbound(shape, _planted(record, make))
    assert shape.model_validate(left) == record  # which refuses any other field, at any depth
    assert "planted" not in repr(left)


def test_records_by_name_pass_their_shape_too() -> None:
    promise = example_of(RulePromise)
    left = outbound(ScorecardRecord, {"rules": {"force-country": promise | {"planted": 1}}})
    assert left == {"rules": {"force-country": promise}}


def test_what_a_record_lacks_is_left_out_and_others_stand_before_it() -> None:
    left = outbound(AlertRecord, {"notice": "", "id": "a1", "tier": 1}, notice="new", tier=2)
    assert list(left.items()) == [("id", "a1"), ("notice", "new")]


@pytest.mark.parametrize(
    ("shape", "without"),
    [
        (AlertRecord, {"score_id"}),
        (RecommendationRecord, {"days_overdue"}),
        (ScoreRecord, {"sources", "drivers", "members"}),
    ],
)
def test_a_table_has_the_fields_that_fit_a_cell(shape: type[Shape], without: set[str]) -> None:
    columns = table_columns(shape)
    assert columns == tuple(name for name in shape.model_fields if name not in without)
