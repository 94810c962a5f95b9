"""Specification of the columns of a frame, defined once and checked in two ways.

Pandera checks any frame and converts what it can, at a millisecond a column. A frame that is built
of arrays that already have their types, or of plain values of these types, is checked in a few
passes over each column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandas.api.types import infer_dtype
from pandera import dtypes
from pandera.engines import pandas_engine

TEXT = pd.StringDtype(na_value=np.nan)
DAY = np.dtype("datetime64[us]")
MOMENT = pd.DatetimeTZDtype("us", "UTC")
COUNT = pd.Int64Dtype()
NUMBER = np.dtype("float64")
FLAG = np.dtype("bool")

Array = Any  # a numpy array or a pandas extension array

# For each column type, the plain Python types that need no conversion.
_PLAIN: dict[Any, tuple[type, ...]] = {
    TEXT: (str,),
    DAY: (date,),
    MOMENT: (datetime,),
    COUNT: (int, np.integer),
    NUMBER: (float, int, np.number),
    FLAG: (bool, np.bool_),
}


@pandas_engine.Engine.register_dtype
@dtypes.immutable(init=True)
class Day(pandas_engine.DateTime):
    """Naive timestamps in microseconds; pandera's own type has nanoseconds, which end in 2262."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", DAY)

    def check(self, _pandera_dtype: Any, data_container: Any = None) -> bool:
        """Return whether a column is of this type, which pandera would compare as nanoseconds."""
        return data_container is not None and data_container.dtype == DAY


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """What a column may hold: type, inclusive bounds, length of texts, choices, missing values."""

    dtype: np.dtype[Any] | pd.api.extensions.ExtensionDtype
    nullable: bool = False
    low: float | None = None
    high: float | None = None
    length: tuple[int, int] | None = None
    choices: tuple[str, ...] | None = None

    def column(self) -> pa.Column:
        """Return this specification as a column of a pandera schema."""
        checks = [pa.Check.ge(self.low)] if self.low is not None else []
        checks += [pa.Check.le(self.high)] if self.high is not None else []
        checks += [pa.Check.str_length(*self.length)] if self.length else []
        checks += [pa.Check.isin(self.choices)] if self.choices else []
        dtype = Day() if self.dtype == DAY else self.dtype  # type: ignore[call-arg]  # it has none
        return pa.Column(dtype, checks, nullable=self.nullable)

    def checked(self, values: Any) -> Array:
        """Return the values as an array, neither converted nor copied, if they fit.

        Args:
            values: An array of exactly this type, or for texts a list of str and None.

        Raises:
            ValueError: If a value does not fit, with what is wrong.
        """
        array = self._typed(values)
        missing = np.asarray(pd.isna(array))
        if missing.any() and not self.nullable:
            raise ValueError("has missing values")
        if not missing.all():
            self._check(array[~missing] if missing.any() else array)
        return array

    def missing(self, number: int) -> Array:
        """Return a column of `number` missing values.

        Raises:
            ValueError: If values of this column must not be missing.
        """
        if not self.nullable:
            raise ValueError("is missing")
        return pd.Series(np.nan, index=range(number), dtype=self.dtype).array

    def of_plain(self, values: Sequence[Any]) -> Array:
        """Return plain values, None for a missing one, as an array of this type.

        Raises:
            ValueError: If a value would have to be converted, or must not be missing.
        """
        known = [value for value in values if value is not None and value is not pd.NA]
        if not all(isinstance(value, _PLAIN[self.dtype]) for value in known):
            raise ValueError("holds a value that would have to be converted")
        if self.dtype == MOMENT and any(value.tzinfo is None for value in known):
            raise ValueError("holds a moment without a zone")
        if self.dtype == DAY:
            return np.array(values, dtype="datetime64[us]")
        if isinstance(self.dtype, np.dtype):
            if len(known) < len(values) and self.dtype != NUMBER:
                raise ValueError("has missing values")
            return np.array([np.nan if v is None else v for v in values], dtype=self.dtype)
        dtype: Any = self.dtype
        return pd.array(list(values), dtype=dtype)

    def _typed(self, values: Any) -> Array:
        found = getattr(values, "dtype", type(values).__name__)
        if isinstance(values, list) and self.dtype == TEXT:
            found = infer_dtype(values, skipna=True)
            if found in ("string", "empty"):
                return pd.array(values, dtype=TEXT)
        elif str(found) == str(self.dtype):
            plain = isinstance(self.dtype, np.dtype)
            return np.asarray(values) if plain else getattr(values, "array", values)
        raise ValueError(f"is of type {found} where {self.dtype} is wanted")

    def _check(self, known: Array) -> None:
        if self.low is not None and known.min() < self.low:
            raise ValueError(f"holds {known.min()}, which is less than {self.low}")
        if self.high is not None and known.max() > self.high:
            raise ValueError(f"holds {known.max()}, which is more than {self.high}")
        texts = set(known.tolist()) if self.choices or self.length else set()
        if self.choices and not texts.issubset(self.choices):
            wrong = min(texts.difference(self.choices))
            raise ValueError(f"holds {wrong!r}, which is not one of {', '.join(self.choices)}")
        least, most = self.length or (0, 0)
        if self.length and not all(least <= len(text) <= most for text in texts):
            raise ValueError(f"holds a text that has not {least} to {most} characters")
