"""Tests of shapes: each is closed, has an example of every field, and lets out nothing else."""

import json
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ewarn.egress
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.definition.shapes import Shape, _fields, example_of, outbound, shown
from ewarn.egress.definition.tables import columns_of
from ewarn.egress.scorecards import RulePromise, ScorecardRecord

for _module in iter_modules(ewarn.egress.__path__):
    import_module(f"ewarn.egress.{_module.name}")


@pytest.fixture(autouse=True)
def worked_out_anew() -> None:
    """What was worked out for one test says nothing to the next."""
    _fields.cache_clear()


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


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_its_schema_shows_an_example_of_each_field(shape: type[Shape]) -> None:
    described = shape.model_json_schema()["properties"]
    shown = {name: field.get("examples") for name, field in described.items()}
    of_records = {name for name, examples in shown.items() if examples is None}
    assert all("$ref" in json.dumps(described[name]) for name in of_records)
    assert shown == {
        name: None if name in of_records else [value] for name, value in example_of(shape).items()
    }


def test_a_field_takes_what_it_does_not_say_from_the_shared_one_of_its_name() -> None:
    class Outer(Shape):
        probability: float | None = shown(0.5)
        observed: int = shown(1)
        level: str | None = shown("none", "Height.", null="if it is flat")

    described = Outer.model_json_schema()["properties"]
    assert described["probability"] == {
        "anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "null"}],
        "description": "Probability that it happens within the horizon. "
        "Null if the score claims none.",
        "examples": [0.5],
    }
    assert "Null" not in described["observed"]["description"], "it never is"
    assert described["level"]["description"] == "Height. Null if it is flat."


def test_a_shape_in_a_shape_fits_no_cell_and_a_field_of_others_needs_its_example() -> None:
    class Inner(Shape):
        number: int = shown(1, "A number.")

    class Outer(Shape):
        one: Inner
        perhaps: Inner | None
        many: list[Inner]
        colour: str | None = shown("a")

    class Bare(Shape):
        colour: str

    assert [column.name for column in columns_of(Outer)] == ["colour"]
    assert Inner.model_json_schema()["properties"]["number"]["description"] == "A number."
    one = {"number": 1}
    assert example_of(Outer) == {"one": one, "perhaps": one, "many": [one], "colour": "a"}
    with pytest.raises(KeyError, match="has no example"):
        example_of(Bare)


@pytest.mark.parametrize("make", [SimpleNamespace, dict], ids=["object", "mapping"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_a_planted_field_never_leaves(shape: type[Shape], make: Any) -> None:
    record = shape.model_validate(example_of(shape))
    left = outbound(shape, _planted(record, make))
    assert shape.model_validate(left) == record  # it refuses any other field, at any depth
    assert "planted" not in repr(left)


def test_records_by_name_pass_their_shape_too() -> None:
    promise = example_of(RulePromise)
    left = outbound(ScorecardRecord, {"rules": {"force-country": promise | {"planted": 1}}})
    assert left == {"rules": {"force-country": promise}}


def test_what_a_record_lacks_is_left_out_and_others_stand_before_it() -> None:
    left = outbound(AlertRecord, {"notice": "", "id": "a1", "tier": 1}, notice="new", tier=2)
    assert list(left.items()) == [("id", "a1"), ("notice", "new")]


@given(st.sampled_from(SHAPES), st.data())
def test_whatever_a_record_holds_only_its_shape_leaves(shape: type[Shape], data: Any) -> None:
    example = example_of(shape)
    some = data.draw(st.sets(st.sampled_from(sorted(example))))
    held = {name: value for name, value in example.items() if name in some}
    others = data.draw(
        st.dictionaries(st.text().filter(lambda name: name not in example), st.none())
    )
    assert outbound(shape, others | held) == held
