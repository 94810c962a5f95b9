"""Frames of records, with the columns that the files of the service have."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any

import pandas as pd

from ewarn.client.questions import Question, RecordT
from ewarn.client.record_lists import RecordPage
from ewarn.egress.definition.tables import columns_of

# Types that know a missing value: a missing count is not zero, and a missing word is not empty.
_TYPES = {
    bool: "boolean",
    int: "Int64",
    float: "float64",
    str: "str",
    date: "datetime64[us]",
    datetime: "datetime64[us, UTC]",
}


def frame_of(question: Question[RecordT], pages: Sequence[RecordPage[RecordT]]) -> pd.DataFrame:
    """Return the records of some pages as a frame.

    Returns:
        One row a record, with the columns of the same list as CSV or Parquet. `attrs` has `notice`,
        `as_of`, `read_at` (the oldest page) and `is_offline` (whether any page is).
    """
    columns = [
        column
        for column in columns_of(question.shape)
        if not question.fields or column.name in question.fields
    ]
    records = [record.model_dump() for page in pages for record in page.items]
    frame = pd.DataFrame(
        {
            column.name: pd.Series(
                [_plain(column.value(each)) for each in records], dtype=_TYPES[column.kind]
            )
            for column in columns
        }
    )
    read = [page.read_at for page in pages if page.read_at is not None]
    frame.attrs = {
        "notice": pages[0].notice,
        "as_of": pages[0].as_of,
        "read_at": min(read, default=None),
        "is_offline": any(page.is_offline for page in pages),
    }
    return frame


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
