"""Lists of recommendations as people send them, as CSV or a workbook."""

from itertools import islice

from ewarn.errors import InputError
from ewarn.files.records import Record
from ewarn.files.tables import Table, read_table

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 100
SECONDS = 1.5  # the most time to read a workbook, because somebody waits for the answer


def read_sheet(body: bytes, required: tuple[str, ...]) -> tuple[Table, list[Record]]:
    """Return the table with the required columns, and its records.

    The table is a CSV text, or on the first sheet of a workbook.

    Raises:
        InputError: The file is neither, or is larger than a list of recommendations can be.
    """
    if len(body) > MOST_BYTES:
        raise InputError(f"the file is larger than {MOST_BYTES >> 20} MiB; split it")
    table = read_table(
        body,
        (required,),
        most_rows=MOST_ROWS + 1,
        most_columns=MOST_COLUMNS,
        seconds=SECONDS,
    )
    if not table.columns:
        raise InputError("the file is empty: its first line must name the columns")
    records = list(islice(table.records, MOST_ROWS + 1))
    if len(records) > MOST_ROWS:
        raise InputError(f"the file has more than {MOST_ROWS} rows; split it")
    return table, records
