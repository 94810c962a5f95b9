"""Shapes: the one definition of each record that leaves, and the function that lets it leave.

The fields of a shape are the allow-list. A field that is not in the shape of a record never leaves,
whoever asks: to add one is a decision about what the service publishes. The OpenAPI document has
their descriptions and examples; `shared_fields`, beside this module, has those of the names that
several records share. `tables` makes columns of the fields.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from ewarn.egress.definition.shared_fields import SHARED

HXL = "x-hxl"  # the name of the tag in the OpenAPI document
_NULL = "x-null"  # when a field is null; it becomes a part of the description
_ABSENT = object()


def describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Complete the JSON Schema of a model: each field gets its description, example and limits.

    What a field does not say itself is taken from the field of that name in `shared_fields`. A
    field with a description of its own has a meaning of its own, and takes nothing from there. The
    example of a field that holds records is made of theirs by who reads the schema.
    """
    for name, field in model.model_fields.items():
        described = schema["properties"][field.alias or name]
        described.pop("title", None)  # it repeats the name
        null = described.pop(_NULL, "")
        shared = SHARED.get(name)
        if shared is not None and "description" not in described:
            described["description"] = shared.text
            null = null or shared.null
            _limit(described, shared.limits)
            if shared.example is not None:
                described.setdefault("examples", [shared.example])
        if null and {"type": "null"} in described.get("anyOf", ()):
            described["description"] += f" Null {null}."


def _limit(described: dict[str, Any], limits: Mapping[str, Any]) -> None:
    """Add limits to the values of a field that is a text or a number, not to null or a list."""
    for values in described.get("anyOf", [described]):
        if values.get("type") in ("string", "integer", "number"):
            values |= {name: limit for name, limit in limits.items() if name not in values}


class Shape(BaseModel):
    """A record that leaves: it has these fields and no others. The examples are invented."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=describe)


def shown(
    example: Any, text: str | None = None, *, hxl: str = "", null: str = "", **others: Any
) -> Any:
    """Return a field with its example; `others` goes to pydantic's `Field`.

    A field of shapes needs none: its example is made of theirs.

    Args:
        text: Its description; None if `shared_fields` has it.
        hxl: The tag of its column in the Humanitarian Exchange Language (https://hxlstandard.org).
        null: When it is null, as the rest of the sentence "Null ...".
    """
    extra = {name: value for name, value in ((HXL, hxl), (_NULL, null)) if value}
    if extra:
        others["json_schema_extra"] = extra
    return Field(examples=[example], description=text, **others)


def outbound(shape: type[Shape], record: object, /, **others: Any) -> dict[str, Any]:
    """Return the fields of a shape that a record has, in the order of the shape, also inside it.

    Args:
        record: A mapping or an object of the domain.
        others: Values that have priority over those of the record.
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
    """Return an invented record of a shape.

    Raises:
        KeyError: A field has no example.
    """
    fields = shape.model_fields.items()
    return {field.alias or name: _example(name, field) for name, field in fields}


_Inner = Callable[[Any], Any]


@cache
def _fields(shape: type[Shape]) -> tuple[tuple[str, _Inner | None], ...]:
    """Return the names of the fields as they leave, and the filters of the records inside."""
    fields = shape.model_fields.items()
    return tuple((field.alias or name, _inner(field.annotation)) for name, field in fields)


def _inner(annotation: Any) -> _Inner | None:
    """Return the function that filters the records inside a field, or None if there are none."""
    if is_shape(annotation):
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


def _example(name: str, field: FieldInfo) -> Any:
    """Return the example of a field: its own, one made of the shapes in it, or the shared one."""
    if field.examples:
        return field.examples[0]
    try:
        return _of_shapes(field.annotation)
    except KeyError:
        if name not in SHARED:
            raise
        return SHARED[name].example


def _of_shapes(annotation: Any) -> Any:
    """Return the example of a field that holds shapes."""
    if is_shape(annotation):
        return example_of(annotation)
    (first, *_), holder = get_args(annotation) or (None,), get_origin(annotation)
    if holder is list:
        return [_of_shapes(first)]
    if holder in (Union, UnionType):
        return _of_shapes(first)
    raise KeyError(f"a field of {annotation} has no example")


def is_shape(annotation: Any) -> bool:
    """Return whether a type is a shape."""
    return isinstance(annotation, type) and issubclass(annotation, Shape)
