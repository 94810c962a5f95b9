"""Tests of the columns of tables, which come from the fields of shapes."""

import re
from datetime import date, datetime
from typing import Any

import pytest

import tests.egress.definition.test_shapes as shapes
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.definition.shapes import Shape, example_of
from ewarn.egress.definition.tables import columns_of
from ewarn.egress.events import EventRecord
from ewarn.egress.response import RecommendationRecord
from ewarn.egress.scores import ScoreRecord


@pytest.mark.parametrize(
    ("shape", "without", "beside"),
    [
        (AlertRecord, {"score_id"}, {"admin1"}),
        (RecommendationRecord, {"days_overdue"}, set()),
        (EventRecord, set(), {"admin1"}),
        (
            ScoreRecord,
            {"sources", "drivers", "members"},
            {"admin1", "last_day", "source", "health", "driver_1", "driver_2", "driver_3"},
        ),
    ],
)
def test_a_table_has_the_fields_that_fit_a_cell_and_the_columns_named_for_others(
    shape: type[Shape], without: set[str], beside: set[str]
) -> None:
    names = [column.name for column in columns_of(shape)]
    assert len(names) == len(set(names))
    own = [name for name in names if name not in beside]
    assert own == [name for name in shape.model_fields if name not in without]
    assert set(names) - set(own) == beside


@pytest.mark.parametrize("shape", shapes.SHAPES, ids=lambda shape: shape.__name__)
def test_tags_are_written_as_hxl_writes_them(shape: type[Shape]) -> None:
    tags = [column.hxl for column in columns_of(shape) if column.hxl]
    assert all(re.fullmatch(r"#[a-z]\w*(\+[a-z]\w*)*", tag) for tag in tags)


def test_a_score_in_a_row_says_what_it_rests_on() -> None:
    footing = {"source": "a", "health": "ok"}, {"source": "b", "health": "late"}
    driver = {"words": "3 × force"}
    record: dict[str, Any] = example_of(ScoreRecord) | {
        "region": "TG-M",
        "origin": date(2020, 1, 6),
        "sources": footing,
        "drivers": [driver],
    }
    row = {column.name: column.value(record) for column in columns_of(ScoreRecord)}
    assert (row["source"], row["health"]) == ("a;b", "ok;late")
    assert (row["driver_1"], row["driver_2"]) == ("3 × force", None)
    assert (row["admin1"], row["last_day"]) == ("TG-M", date(2020, 2, 2))
    without = record | {"region": "TGO", "origin": None, "sources": [], "drivers": []}
    row = {column.name: column.value(without) for column in columns_of(ScoreRecord)}
    assert (row["admin1"], row["last_day"], row["source"], row["driver_1"]) == (
        None,
        None,
        "",
        None,
    )
    kinds = {column.name: column.kind for column in columns_of(ScoreRecord)}
    assert [
        kinds[name] for name in ("level", "observed", "high", "interim", "origin", "as_of")
    ] == [
        str,
        int,
        float,
        bool,
        date,
        datetime,
    ]
