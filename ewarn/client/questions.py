"""What can be asked: an address, filters and the shape of the records in the answer.

A question is written once, as a method that is marked with `one_of` or `list_of`. A `Client` then
has a method that answers, and an `AsyncClient` one that is awaited.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote, urlencode

from ewarn.egress.definition.shapes import Shape

if TYPE_CHECKING:
    from ewarn.client.clients import AsyncClient, Client
    from ewarn.client.record_lists import AsyncRecordList, RecordList

RecordT = TypeVar("RecordT", bound=Shape)
Filters = ParamSpec("Filters")


@dataclass(frozen=True, slots=True)
class Question(Generic[RecordT]):
    """A question to the service.

    Attributes:
        address: Path and query, without the server.
        fields: The fields of each record that are asked for; empty means all.
    """

    address: str
    shape: type[RecordT]
    fields: tuple[str, ...] = ()


def question(
    shape: type[RecordT], *path: str | int, filters: Mapping[str, Any] | None = None
) -> Question[RecordT]:
    """Return a question about a path below `/v1`. Filters that are None are left out.

    Raises:
        ValueError: A filter is empty, or a moment has no time zone.
    """
    pairs = [pair for name, value in (filters or {}).items() for pair in _pairs(name, value)]
    address = "/".join(("/v1", *(quote(str(part), safe="") for part in path)))
    fields = ",".join(value for name, value in pairs if name == "fields")
    return Question(f"{address}?{urlencode(pairs)}" if pairs else address, shape, _words(fields))


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    if value is None:
        return []
    if isinstance(value, Iterable) and not isinstance(value, str):
        values = [_text(name, each) for each in value]
    else:
        values = [_text(name, value)]
    if not values or not all(map(str.strip, values)):
        raise ValueError(f"{name} is empty: give it a value, or leave it out")
    return [(name, each) for each in values]


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError(f"{name} needs a time zone: {value} could be any of 24 moments")
    return value.isoformat() if isinstance(value, date) else str(value)


class list_of(Generic[Filters, RecordT]):  # noqa: N801 - used as a decorator
    """Makes a method of a client from a question whose answer is a list of records."""

    def __init__(self, ask: Callable[Concatenate[Any, Filters], Question[RecordT]]) -> None:
        self.ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: "Client", _: Any) -> Callable[Filters, "RecordList[RecordT]"]: ...
    @overload
    def __get__(
        self, client: "AsyncClient", _: Any
    ) -> Callable[Filters, "AsyncRecordList[RecordT]"]: ...
    def __get__(self, client: Any, _: Any) -> Any:
        return self if client is None else _bound(self.ask, client, client.read_list)


class one_of(Generic[Filters, RecordT]):  # noqa: N801 - used as a decorator
    """Makes a method of a client from a question whose answer is one record."""

    def __init__(self, ask: Callable[Concatenate[Any, Filters], Question[RecordT]]) -> None:
        self.ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, client: "Client", _: Any) -> Callable[Filters, RecordT]: ...
    @overload
    def __get__(self, client: "AsyncClient", _: Any) -> Callable[Filters, Awaitable[RecordT]]: ...
    def __get__(self, client: Any, _: Any) -> Any:
        return self if client is None else _bound(self.ask, client, client.read_one)


def _bound(ask: Callable[..., Any], client: Any, read: Callable[[Any], Any]) -> Callable[..., Any]:
    @wraps(ask)
    def method(*arguments: Any, **filters: Any) -> Any:
        return read(ask(client, *arguments, **filters))

    return method
