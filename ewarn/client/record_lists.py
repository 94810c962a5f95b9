"""Lists of records that are read page by page, while they are used."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from ewarn.client.answer_cache import StoredAnswer
from ewarn.client.errors import AnswerUnreadable
from ewarn.client.questions import Question, RecordT
from ewarn.egress.alerts import UnhealthySourceRecord
from ewarn.egress.lists import ListFields

if TYPE_CHECKING:
    import pandas as pd


class _Body(ListFields):
    """A page of a list as it is sent. What a newer service says besides is left out."""

    model_config = ConfigDict(extra="ignore")
    items: list[dict[str, Any]]
    unwell: list[UnhealthySourceRecord] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecordPage(Generic[RecordT]):
    """One page of a list.

    Attributes:
        items: The records. If `fields` were asked for, they have these fields and no others.
        notice: Must be said wherever the records are shown; empty if there is nothing to say.
        unwell: The sources that are not healthy.
        as_of: The moment from which on this answer is valid.
        read_at: When the service last gave or confirmed it; None if it did not say.
        is_offline: Whether the service could not be reached, so that a kept answer is used.
        next: The address of the next page; None on the last.
    """

    items: tuple[RecordT, ...]
    notice: str
    unwell: tuple[UnhealthySourceRecord, ...]
    as_of: datetime | None
    read_at: datetime | None
    is_offline: bool
    next: str | None


def record_of(question: Question[RecordT], answer: StoredAnswer) -> RecordT:
    """Return the record in an answer.

    Raises:
        AnswerUnreadable: The answer has another shape.
    """
    try:
        return question.shape.model_validate_json(answer.body, extra="ignore")
    except ValidationError as error:
        raise _unreadable(question, error) from None


def page_of(question: Question[RecordT], answer: StoredAnswer) -> RecordPage[RecordT]:
    """Return the page in an answer.

    Raises:
        AnswerUnreadable: The answer has another shape.
    """
    try:
        body = _Body.model_validate_json(answer.body)
        shape = _only(question.shape, question.fields) if question.fields else question.shape
        items = tuple(shape.model_validate(each, extra="ignore") for each in body.items)
    except ValidationError as error:
        raise _unreadable(question, error) from None
    # Below a folder of a proxy, only this part of the address is the same for client and service.
    following = None if body.next is None else body.next[body.next.find("/v1/") :]
    return RecordPage(
        items=items,
        notice=body.notice,
        unwell=tuple(body.unwell),
        as_of=body.as_of,
        read_at=answer.read_at,
        is_offline=answer.is_offline,
        next=following,
    )


@cache
def _only(shape: type[RecordT], fields: tuple[str, ...]) -> type[RecordT]:
    """Return a shape with some fields of another. Its records lack the others."""
    kept: dict[str, Any] = {
        name: (field.annotation, field)
        for name, field in shape.model_fields.items()
        if name in fields
    }
    made: Any = create_model(shape.__name__, __base__=BaseModel, **kept)
    return made  # type: ignore[no-any-return]


def _unreadable(question: Question[Any], error: ValidationError) -> AnswerUnreadable:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"])) or "the whole"
    return AnswerUnreadable(
        f"{question.address} was answered in a way that this client cannot read "
        f"({where}: {first['msg']}): use the client of the service's version."
    )


ReadT = TypeVar("ReadT")


@dataclass
class _Records(Generic[RecordT, ReadT]):
    """A list that is read while it is used. `read` reads the page at the address of a question."""

    question: Question[RecordT]
    read: Callable[[Question[RecordT]], ReadT]
    _first: RecordPage[RecordT] | None = None

    def _at(self, address: str) -> ReadT:
        return self.read(replace(self.question, address=address))

    def _frame(self, pages: list[RecordPage[RecordT]]) -> "pd.DataFrame":
        # pandas takes a second to import, and only those who want a frame need it.
        frame: pd.DataFrame = import_module("ewarn.client.tables").frame_of(self.question, pages)
        return frame


class RecordList(_Records[RecordT, RecordPage[RecordT]]):
    """A list of records. All its pages speak of the moment of the first, which is read once."""

    def first_page(self) -> RecordPage[RecordT]:
        """Return the first page, with the notice on the whole."""
        if self._first is None:
            self._first = self.read(self.question)
        return self._first

    def pages(self) -> Iterator[RecordPage[RecordT]]:
        """Yield the pages, each read when it is wanted."""
        page = self.first_page()
        yield page
        while page.next is not None:
            page = self._at(page.next)
            yield page

    def __iter__(self) -> Iterator[RecordT]:
        for page in self.pages():
            yield from page.items

    def to_pandas(self) -> "pd.DataFrame":
        """Return the whole list as a frame, with the notice in `attrs`."""
        return self._frame(list(self.pages()))


class AsyncRecordList(_Records[RecordT, Awaitable[RecordPage[RecordT]]]):
    """A list of records. All its pages speak of the moment of the first, which is read once."""

    async def first_page(self) -> RecordPage[RecordT]:
        """Return the first page, with the notice on the whole."""
        if self._first is None:
            self._first = await self.read(self.question)
        return self._first

    async def pages(self) -> AsyncIterator[RecordPage[RecordT]]:
        """Yield the pages, each read when it is wanted."""
        page = await self.first_page()
        yield page
        while page.next is not None:
            page = await self._at(page.next)
            yield page

    async def __aiter__(self) -> AsyncIterator[RecordT]:
        async for page in self.pages():
            for record in page.items:
                yield record

    async def to_pandas(self) -> "pd.DataFrame":
        """Return the whole list as a frame, with the notice in `attrs`."""
        return self._frame([page async for page in self.pages()])
