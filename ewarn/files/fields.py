"""Base class and field types for checking YAML files with pydantic, with line numbers in errors.

Every value arrives as the text that stands in the file. So each type defined here says how its
text is read: neither `010` nor `1_0` is a whole number.
"""

import re
from collections.abc import Collection
from math import inf
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from ewarn.domain.persons import require_role
from ewarn.domain.text import entered
from ewarn.errors import SettingsError, UsageError
from ewarn.files.located import Located
from ewarn.files.spelling import nearest

_LONGEST = 20_000  # characters of a text
_WHOLE = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MAPPING = "a mapping of names to values is expected here"
_MOST = 520  # the highest whole number: ten years, where the number counts weeks


class Fields(BaseModel):
    """A mapping that may have the fields of its class only.

    `model_fields_set` holds the fields that the file states.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _names_its_fields(cls, value: Any) -> Any:
        for name in value if isinstance(value, dict) else ():
            if name not in cls.model_fields:
                near = nearest(name, cls.model_fields)
                meant = f"did you mean {near!r}? " if near else ""
                known = ", ".join(cls.model_fields)
                raise wrong(name, f"{name!r} is not a field here; {meant}the fields are {known}")
        return value


_AnyFields = TypeVar("_AnyFields", bound=Fields)


def wrong(field: str, sentence: str) -> PydanticCustomError:
    """Create the error with which a check of several fields points at one of them."""
    return PydanticCustomError("wrong", "{sentence}", {"sentence": sentence, "field": field})


def read_fields(item: Located, kind: type[_AnyFields], context: object = None) -> _AnyFields:
    """Validate a mapping of a YAML file as a model of the class `kind`.

    Args:
        context: What the validators look values up in, such as the known countries.

    Raises:
        SettingsError: If a field is wrong, with the file and line of that field.
    """
    try:
        return kind.model_validate(item.plain, context=context)
    except ValidationError as error:
        raise _told(item, error.errors()[0]) from None


def _told(item: Located, fault: ErrorDetails) -> SettingsError:
    path, said = fault["loc"], fault.get("ctx", {})
    at = item.at((*path, *([said["field"]] if "field" in said else [])))
    name = next((part for part in reversed(path) if isinstance(part, str)), "")
    sentences = {
        "missing": f"the field {name!r} is missing",
        "tuple_type": "a list is expected here",
        "dict_type": _MAPPING,
        "model_type": _MAPPING,
        "wrong": said.get("sentence"),  # raised by a check of several fields
        "value_error": said.get("error"),  # raised by any other check
    }
    must = "be a text" if path[-1:] == (name,) else "list texts"
    return at.wrong(str(sentences.get(fault["type"], f"{name!r} must {must}")))


def _text(value: str, info: ValidationInfo) -> str:
    try:
        text = entered(value, at_most=_LONGEST, lines=True)
    except ValueError as error:
        raise ValueError(f"{info.field_name!r} {error}") from None
    if not text:
        raise ValueError(f"{info.field_name!r} must be a text")
    return text


def _role(value: str, info: ValidationInfo) -> str:
    try:
        return require_role(value, repr(info.field_name))
    except UsageError as error:
        raise ValueError(str(error)) from None


def _number(value: Any) -> float | None:
    is_number = isinstance(value, str) and _NUMBER.fullmatch(value)
    return float(value) if is_number else None


def _probability(value: Any, info: ValidationInfo) -> float:
    number = _number(value)
    if number is None:
        raise ValueError(f"{info.field_name!r} must be a probability between 0 and 1")
    if not 0 < number < 1:
        raise ValueError(f"{info.field_name!r} is {number:g}; a probability lies between 0 and 1")
    return number


def _amount(value: Any, info: ValidationInfo) -> float:
    number = _number(value)
    if number is None or not 0 < number < inf:
        raise ValueError(f"{info.field_name!r} must be a number greater than 0")
    return number


def _true(value: Any, info: ValidationInfo) -> bool:
    if value != "true":
        raise ValueError(f"{info.field_name!r} is either true or left out")
    return True


def whole(least: int = 0, most: int = _MOST) -> BeforeValidator:
    """Return a validator of a whole number from `least` to `most`, without leading zeros."""

    def read(value: Any, info: ValidationInfo) -> int:
        is_whole = isinstance(value, str) and _WHOLE.fullmatch(value)
        if not is_whole or int(value) < least:
            raise ValueError(f"{info.field_name!r} must be a whole number of at least {least}")
        if int(value) > most:
            raise ValueError(f"{info.field_name!r} is {value}; {most} is the most")
        return int(value)

    return BeforeValidator(read)


def one_of(known: Collection[str], called: str) -> BeforeValidator:
    """Return a validator of a text that is one of `known`.

    Args:
        called: What the known texts are, for the error message, such as "a level".
    """

    def check(value: Any) -> Any:
        if isinstance(value, str) and value not in known:
            raise ValueError(f"{value!r} is not {called}; use one of {', '.join(known)}")
        return value

    return BeforeValidator(check)


Text = Annotated[str, AfterValidator(_text)]
Role = Annotated[Text, AfterValidator(_role)]  # the name of a role or an office, not of a person
Probability = Annotated[float, BeforeValidator(_probability)]  # between 0 and 1, neither included
Amount = Annotated[float, BeforeValidator(_amount)]  # greater than 0
Flag = Annotated[bool, BeforeValidator(_true)]  # true or left out
