"""SQL conditions on a list of ids that is passed as one parameter, of any length.

Databases limit the number of parameters of a statement. Also, `IN` with one parameter per id gives
a different statement for each length, which must be built, parsed and planned again. At a hundred
ids this takes longer than finding the rows.
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
    """A list of texts: an array on PostgreSQL, JSON on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of this database."""
        is_postgresql = dialect.name == "postgresql"
        return dialect.type_descriptor(ARRAY(Text) if is_postgresql else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        """Return the list, or its JSON on SQLite."""
        listed = list(value or ())
        return listed if dialect.name == "postgresql" else orjson.dumps(listed).decode()


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> "_Among":  # noqa: ARG002
        """Return itself.

        As a plain boolean it would be compared with 1 on SQLite, and SQLite would then scan the
        whole table instead of using the index.
        """
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
    """Return the condition that a text column holds one of some texts.

    Args:
        texts: The texts, or a parameter that receives them at each execution.
    """
    return _Among(column, type_coerce(texts, _Texts()))
