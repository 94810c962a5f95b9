"""Reader of the packaged tables, `data/*.csv`."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a packaged table, each as its cells by column."""
    text = files("ewarn.places").joinpath("data", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
