"""Tests of the event frame and its two checks, pandera's and the fast one, which must agree."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaError, SchemaErrors

from ewarn.domain.text import written
from ewarn.frames.events import (
    _WRITTEN,
    EVENT_COLUMNS,
    EVENT_SCHEMA,
    checked_frame,
    empty_event_frame,
    event_frame,
)
from tests.events import frame, row

# The same columns and checks in pandera, without conversion.
AS_IT_IS = pa.DataFrameSchema(EVENT_SCHEMA.columns, strict=True, ordered=True)
BASE = frame(
    row("a", latitude=6.1, longitude=1.2, place="Lomé", participants_low=3, line=2),
    row("b", deleted=True, summary="invented"),
    row("é", kind="force", tags="response:shooting", fatalities_high=1),
)
VALUES: dict[str, list[Any]] = {
    "str": [
        "",
        "x",
        "protest",
        "month",
        "place",
        "TGO",
        "TOGO",
        "x" * 200,
        "x" * 201,
        "é" * 3,
        None,
    ],
    "float64": [np.nan, np.inf, -np.inf, 0.0, -90.0, 90.0, 90.001, -90.001, 180.0, -180.001],
    "Int64": [pd.NA, -1, 0, 2**62],
    "bool": [True, False],
    "datetime64[us]": [pd.NaT, pd.Timestamp(1600, 1, 1), pd.Timestamp(3020, 1, 1)],
    "datetime64[us, UTC]": [pd.NaT, pd.Timestamp(1600, 1, 1, tz="UTC")],
}
TYPES: list[Any] = [
    "object",
    "str",
    "string",
    "float64",
    "int64",
    "Int64",
    "bool",
    "boolean",
    "category",
]
TYPES += ["datetime64[ns]", "datetime64[us]", "datetime64[ns, UTC]", "datetime64[us, CET]"]
# What pandas raises or warns if a column cannot have a type (infinity as a time or count).
NOT_MADE = (TypeError, ValueError, OverflowError, RuntimeWarning)


@st.composite
def mutated(draw: st.DrawFn) -> pd.DataFrame:
    """The base with some values replaced and at times a column of another type."""
    found = BASE.copy()
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(EVENT_COLUMNS))
        place = draw(st.integers(0, len(found) - 1))
        found.loc[place, name] = draw(st.sampled_from(VALUES[str(found[name].dtype)]))
    if draw(st.booleans()):
        name = draw(st.sampled_from(EVENT_COLUMNS))
        with suppress(*NOT_MADE):
            found[name] = found[name].astype(draw(st.sampled_from(TYPES)))
    return found


def refused_by_pandera(found: pd.DataFrame, schema: pa.DataFrameSchema) -> bool:
    try:
        schema.validate(found)
    except (SchemaError, SchemaErrors):
        return True
    return False


def refused(found: pd.DataFrame) -> bool:
    try:
        taken = checked_frame(dict(found))
    except SchemaError:
        return True
    pd.testing.assert_frame_equal(taken, found)
    return False


def agree(found: pd.DataFrame) -> bool:
    """Whether both say the same; only the quick check insists that texts are typed as texts."""
    typed = bool((found.dtypes == BASE.dtypes).all())
    return refused(found) == (refused_by_pandera(found, AS_IT_IS) or not typed)


@settings(deadline=None)
@given(mutated())
def test_the_quick_check_refuses_what_pandera_refuses(found: pd.DataFrame) -> None:
    assert agree(found)
    assert refused(found) or not refused_by_pandera(found, EVENT_SCHEMA)


@pytest.mark.parametrize("name", EVENT_COLUMNS)
def test_both_check_every_bound(name: str) -> None:
    """Each value and type of the property by itself, so that none is left to chance."""
    for value in VALUES[str(BASE[name].dtype)]:
        found = BASE.copy()
        found.loc[1, name] = value
        assert agree(found), value
    for other in TYPES:
        found = BASE.copy()
        with suppress(*NOT_MADE):
            found[name] = found[name].astype(other)
        assert agree(found), other


PLAIN: dict[str, list[Any]] = {
    "str": ["", "x", "protest", "place", "TGO", "x" * 201, None, np.nan, 7, b"x"],
    "float64": [None, np.nan, np.inf, 0, 90.5, "1", np.float64(2.5), True],
    "Int64": [None, pd.NA, np.nan, 0, -1, 3, 2.0, 2.5, "4", np.int64(5), 2**70, True],
    "bool": [True, False, None, 1, np.True_, "x"],
    "datetime64[us]": [
        None,
        pd.NaT,
        date(1600, 1, 1),
        datetime(2020, 1, 1, 5),  # noqa: DTZ001  # without a zone on purpose
        datetime(2020, 1, 1, tzinfo=UTC),
        pd.Timestamp(2020, 1, 2),
        "2020-01-01",
        np.datetime64("2020-01-01"),
    ],
    "datetime64[us, UTC]": [
        None,
        pd.NaT,
        datetime(2020, 1, 1, tzinfo=UTC),
        datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=2))),
        datetime(2020, 1, 1),  # noqa: DTZ001
        pd.Timestamp(3020, 1, 1, tz="UTC"),
        date(2020, 1, 1),
        "2020-01-01T00:00Z",
    ],
}


@pytest.mark.filterwarnings("ignore")  # from pandas, before it refuses what cannot be converted
@pytest.mark.parametrize("name", EVENT_COLUMNS)
def test_plain_rows_are_the_frame_that_pandera_makes_of_them(name: str) -> None:
    for value in PLAIN[str(BASE[name].dtype)]:
        if name in _WRITTEN and not isinstance(value, str | None):
            continue  # it is cleaned before the check, so it must be a text
        rows = [row("a"), row("b") | {name: value}, row("c", place="Kara")]
        kept = pd.DataFrame.from_records(rows, columns=list(EVENT_COLUMNS))
        try:
            wanted = EVENT_SCHEMA.validate(kept)
        except Exception as error:
            with pytest.raises(type(error)):
                event_frame(rows)
        else:
            pd.testing.assert_frame_equal(event_frame(rows), wanted)


def test_a_frame_of_typed_columns_is_the_frame_of_the_same_rows() -> None:
    texts = {
        name: BASE[name].astype(object).where(BASE[name].notna(), None).tolist()
        if BASE[name].dtype == "str"
        else BASE[name].array
        for name in EVENT_COLUMNS
        if BASE[name].notna().any()
    }
    pd.testing.assert_frame_equal(checked_frame(texts), BASE)
    pd.testing.assert_frame_equal(checked_frame(dict(reversed(texts.items()))), BASE)
    pd.testing.assert_frame_equal(
        checked_frame(dict(BASE[::-1])), BASE[::-1].reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(
        checked_frame(dict(empty_event_frame())), empty_event_frame(), check_index_type=False
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": ["red"] * 3}, "has no column colour"),
        ({"source": ["invented"]}, "differ in length"),
        ({"source": ["invented", 1, "x"]}, "column source is of type mixed"),
        ({"source": ["invented", None, "x"]}, "column source has missing values"),
        ({"injured": [1, 2, 3]}, "column injured is of type list where Int64 is wanted"),
        ({"kind": ["protest", "picnic", "riot"]}, "column kind holds 'picnic'"),
    ],
)
def test_a_refusal_says_what_is_wrong(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(SchemaError, match=reason):
        checked_frame(dict(BASE) | change)


@pytest.mark.parametrize("name", [name for name in EVENT_COLUMNS if BASE[name].notna().all()])
def test_a_column_without_which_no_event_is_whole_must_be_given(name: str) -> None:
    with pytest.raises(SchemaError, match=f"column {name} is missing"):
        checked_frame(dict(BASE.drop(columns=name)))


def test_days_are_microseconds_whatever_the_century() -> None:
    found = frame(row("a", occurred_on=date(2020, 1, 1)), row("b", occurred_on=date(3020, 1, 1)))
    assert [str(found[name].dtype) for name in ("occurred_on", "ended_on", "known_at")] == [
        "datetime64[us]",
        "datetime64[us]",
        "datetime64[us, UTC]",
    ]
    assert found["occurred_on"].dt.date.tolist() == [date(2020, 1, 1), date(3020, 1, 1)]
    assert (empty_event_frame().dtypes == found.dtypes).all()


NO_TEXTS = ["\ud800", "\0", "\x1b[31m", "\u202e", "\n"]


@pytest.mark.parametrize("sign", NO_TEXTS)
@pytest.mark.parametrize("column", ["place", "summary", "tags", "source_url"])
def test_what_is_no_text_is_a_space_in_a_frame_however_it_is_made(sign: str, column: str) -> None:
    made = row("one") | {column: f"a{sign}b"}
    by_rows = event_frame([made])
    assert by_rows[column].item() == written(f"a{sign}b")
    columns = {name: [value] for name, value in made.items() if isinstance(value, str)}
    others = {name: by_rows[name].array for name in EVENT_COLUMNS if name not in columns}
    assert checked_frame(columns | others)[column].item() == by_rows[column].item()


def test_ids_stay_as_different_as_they_came() -> None:
    names = ["a b", "a  b", "a\tb", "a\nb", "a\0b", "a\ud800b"]
    made = event_frame([row(name) for name in names])["source_event_id"].tolist()
    assert made == [*names[:4], "a\ufffdb", "a\ufffdb"]
