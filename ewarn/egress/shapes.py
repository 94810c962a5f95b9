"""What a shape is: the one definition of a record that leaves, and the door it leaves by.

The fields of a shape are the allow-list. A field that is not in the shape of a record never leaves,
whoever asks: adding one is a decision about what the service tells the world. The examples of the
fields make up the example in the OpenAPI document, the fields that fit a cell the columns of a CSV.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

NOT_IN_TABLES = "not in tables"  # marks a field that a CSV leaves out, though it fits a cell
_ABSENT = object()


def _with_example(schema: dict[str, Any], shape: type[Any]) -> None:
    """One example of the whole in a schema, in place of one for each field."""
    for described in schema["properties"].values():
        described.pop("examples", None)
    schema["example"] = example_of(shape)


class Shape(BaseModel):
    """A record that leaves: it has these fields and no others. The examples are invented."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_with_example)


def shown(example: Any, **described: Any) -> Any:
    """A field with its example; `described` goes to pydantic's `Field`.

    A field of shapes needs none: its example is made of theirs.
    """
    return Field(examples=[example], **described)


def outbound(shape: type[Shape], record: object, /, **others: Any) -> dict[str, Any]:
    """The fields of a shape that a record has, in the order of the shape, and so within it.

    The record is a mapping or an object of the domain. `others` stand before what it has.
    """
    if isinstance(record, Mapping):
        others = {**record, **others}
        record = None
    left: dict[str, Any] = {}
    for name, inner in _fields(shape):
        value = others[name] if name in others else getattr(record, name, _ABSENT)
        if value is not _ABSENT:
            left[name] = value if inner is None else inner(value)
    return left


def example_of(shape: type[Shape]) -> dict[str, Any]:
    """An invented record of a shape. Raises KeyError where a field has no example."""
    return {
        field.alias or name: field.examples[0] if field.examples else _example(field.annotation)
        for name, field in shape.model_fields.items()
    }


def table_columns(shape: type[Shape]) -> tuple[str, ...]:
    """The columns of a table of such records: the fields that fit a cell."""
    return tuple(
        name
        for name, field in shape.model_fields.items()
        if _fits_a_cell(field.annotation) and NOT_IN_TABLES not in field.metadata
    )


_Inner = Callable[[Any], Any]


@cache
def _fields(shape: type[Shape]) -> tuple[tuple[str, _Inner | None], ...]:
    """The names of the fields as they leave, and what lets through the records within each."""
    fields = shape.model_fields.items()
    return tuple((field.alias or name, _inner(field.annotation)) for name, field in fields)


def _inner(annotation: Any) -> _Inner | None:
    """What lets records within a field through; None where there are none."""
    if _is_shape(annotation):
        return partial(_outbound_or_none, annotation)
    found = [each for each in map(_inner, get_args(annotation)) if each is not None]
    if len(found) != 1:
        return None
    holder = get_origin(annotation)
    if holder is list:
        return partial(_each, found[0])
    return partial(_each_value, found[0]) if holder is dict else found[0]


def _outbound_or_none(shape: type[Shape], value: Any) -> Any:
    return None if value is None else outbound(shape, value)


def _each(inner: _Inner, values: Any) -> list[Any]:
    return [inner(value) for value in values]


def _each_value(inner: _Inner, values: Any) -> dict[str, Any]:
    return {name: inner(value) for name, value in values.items()}


def _example(annotation: Any) -> Any:
    """The example of a field that holds shapes."""
    if _is_shape(annotation):
        return example_of(annotation)
    (first, *_), holder = get_args(annotation) or (None,), get_origin(annotation)
    if holder is list:
        return [_example(first)]
    if holder in (Union, UnionType):
        return _example(first)
    raise KeyError(f"a field of {annotation} has no example")


def _fits_a_cell(annotation: Any) -> bool:
    if _is_shape(annotation):
        return False
    holder = get_origin(annotation)
    if holder in (Union, UnionType):
        return all(map(_fits_a_cell, get_args(annotation)))
    return holder in (None, Literal)


def _is_shape(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Shape)
