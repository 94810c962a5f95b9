"""`scores.parquet`: every score of a back-test, one row for each model, region and origin."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.judging.backtest.scored import Scored
from models.training.rows import EPOCH, ModelQuestion

SCHEMA = pa.schema(
    [
        ("region", pa.string()),
        ("origin", pa.timestamp("us", tz="UTC")),
        ("model", pa.string()),
        ("target", pa.string()),
        ("horizon_weeks", pa.int64()),
        ("probability", pa.float64()),
        ("outcome", pa.int8()),
        ("onset", pa.bool_()),
    ]
)


def write_scores(path: Path, scored: Scored, question: ModelQuestion) -> None:
    """Write the scores, one model after the other.

    `outcome` is null where the data end before it. `onset` is true where no lethal event was known
    in the 26 weeks before.
    """
    regions = np.array(scored.regions, dtype=object)[scored.region]
    origins = np.datetime64(EPOCH, "us") + scored.week * np.timedelta64(7, "D")
    open_ = np.isnan(scored.label)
    outcome = pa.array(np.where(open_, 0, scored.label).astype(np.int8), mask=open_)
    number = len(scored.week)
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for model, column in scored.columns.items():
            columns = [
                pa.array(regions, pa.string()),
                pa.array(origins.astype("datetime64[us]"), pa.timestamp("us", tz="UTC")),
                pa.array([model] * number, pa.string()),
                pa.array([question.target.value] * number, pa.string()),
                pa.array(np.full(number, question.horizon_weeks), pa.int64()),
                pa.array(column, pa.float64()),
                outcome,
                pa.array(scored.quiet, pa.bool_()),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=SCHEMA))
