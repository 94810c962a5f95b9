"""Rows by a list of ids that is one parameter, however long it is.

Databases bound how many parameters a statement has. And `IN` with one for each id is another text
for each length: one more to build, to parse and to plan, which at a hundred ids takes longer than
finding their rows.
"""

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Text,
    any_,
    func,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Texts(TypeDecorator[Any]):
    """A list of texts: an array where there are arrays, else JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """How this database takes it."""
        is_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(Text) if is_postgresql else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        """The list, or its JSON."""
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else orjson.dumps(listed).decode()


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "_Among":  # noqa: ARG002
        """Itself: as a mere boolean it would be compared with 1 on SQLite, and the table read from
        end to end instead of looked up."""
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = element.clauses
    return compiler.process(column == any_(texts), **options)


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, texts = element.clauses
    listed = func.json_each(texts).table_valued("value")
    return compiler.process(column.in_(select(listed.c.value)), **options)


def among(
    column: ColumnElement[str], texts: Collection[str] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether a column of texts holds one of some; a parameter is given them at each execution."""
    return _Among(column, type_coerce(texts, _Texts()))
