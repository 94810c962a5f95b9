"""Speed of reading GDELT's rows file by file on one core: unpack, parse, map, resolve.

It is compared with pyarrow reading the same cells, which every reader has to do. Both are measured
in seconds of the processor, as neither waits for anything.
"""

import gzip
import io
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from benchmarks.gdelt_files import CELLS, ROWS, file_of, zipped
from benchmarks.rows import Row, paired
from ewarn.domain.source import Payload
from ewarn.places.gazetteer import load_gazetteer
from ingest.gdelt.editions import VERSION_2
from ingest.gdelt.source import GdeltSource

FILES = 50
REPETITIONS = 5
FIRST = datetime(2019, 10, 24, tzinfo=UTC)
SHARED = Path(__file__).parents[2] / "shared" / "data" / "gdelt_20191024143000.export.CSV.gz"


def main() -> list[Row]:
    """Measure rates on different invented files, and on the one real file if it is present.

    The first file of a process is not timed, because reading it loads the gazetteer.
    """
    texts = [
        file_of(number, FIRST + number * timedelta(minutes=15)).encode() for number in range(FILES)
    ]
    rows = [_measured(f"{FILES} invented GDELT files of {ROWS:,} rows", texts)]
    if SHARED.exists():
        real = gzip.decompress(SHARED.read_bytes())
        rows.append(_measured("a real GDELT file of 2,111 rows, again and again", [real] * FILES))
    return rows


def _measured(name: str, texts: list[bytes]) -> Row:
    places, source = load_gazetteer(), GdeltSource()
    payloads = [
        Payload("gdelt", "20191024143000.export.CSV.zip", zipped(text.decode(), "x"), FIRST)
        for text in texts
    ]

    def ours(some: list[Payload]) -> None:
        for payload in some:
            for _ in source.parse(payload, places):
                pass

    def bare() -> None:
        for text in texts:
            _read(text)

    ours(payloads[:1])
    number = sum(text.count(b"\n") for text in texts)
    pairs = [(_spent(lambda: ours(payloads)), _spent(bare)) for _ in range(REPETITIONS)]
    return paired(pairs).rates(f"{name}, one by one", "pyarrow", number)


def _spent(work: Callable[[], None]) -> float:
    """Return the processor seconds that `work` takes, over all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _read(text: bytes) -> pa.Table:
    """Return the cells that are needed, as bytes."""
    names = [str(position) for position in range(CELLS)]
    wanted = [names[position] for position in VERSION_2.positions.values()]
    return csv.read_csv(
        io.BytesIO(text),
        csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text)),
        csv.ParseOptions(delimiter="\t", quote_char=False),
        csv.ConvertOptions(include_columns=wanted, column_types=dict.fromkeys(wanted, pa.binary())),
    )
