"""Stories that people have labelled: those of two real files of GDELT, and invented ones.

Labels of real stories are stored with a hash of their address instead of the address. The files
themselves are not part of the project. `docs/relevance.md` describes what a label means.
"""

import csv
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from ewarn.domain.crosswalk import from_cameo
from ingest.gdelt.editions import VERSION_2
from ingest.gdelt.lines import read_blocks
from ingest.gdelt.relevance import KINDS, Stories, is_between_roles
from ingest.gdelt.stories import read_stories

HERE = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[2] / "shared" / "data"
FILES = {2015: "gdelt_20151027220000.export.CSV.gz", 2019: "gdelt_20191024143000.export.CSV.gz"}
CODES = {
    "protest": "141",
    "riot": "145",
    "strike": "143",
    "arrest": "173",
    "force": "175",
    "attack": "181",
    "clash": "193",
    "restriction": "172",
    "election": "130",
}  # of invented stories, whose codes are only used for their kind
TYPICAL_TONE = "-3"  # mean tone of a tracked row of the two files


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of stories with their labels, in arrays (rows,) or (stories,).

    Each row has the fields that are evaluated and the number of its story. Each story has its coded
    kind, its label, and whether its actors alone would make it count.
    """

    rows: Stories
    story: np.ndarray
    kind: np.ndarray
    label: np.ndarray
    by_actors: np.ndarray

    def weights(self) -> np.ndarray:
        """Return a weight for each row, float (rows,), with a sum of one for each story."""
        return np.asarray(1 / np.bincount(self.story)[self.story])

    def highest(self, values: np.ndarray) -> np.ndarray:
        """Return the highest value of the rows of each story, float (stories,)."""
        found = np.full(len(self.label), -np.inf)
        np.maximum.at(found, self.story, values)
        return found


def are_there() -> bool:
    """Return whether the two real files are beside the project."""
    return all((SHARED / name).exists() for name in FILES.values())


def real(year: int) -> Labelled:
    """Return the labelled stories of the real file of a year.

    Raises:
        KeyError: A story has no label.
    """
    body = gzip.decompress((SHARED / FILES[year]).read_bytes())
    (block,) = read_blocks(pa.BufferReader(body), VERSION_2)
    table = block.table
    kinds = [_kind(code.decode()) for code in table["code"].to_pylist()]
    tracked = np.flatnonzero([kind >= 0 for kind in kinds])
    labels = {
        (row["address"], row["kind"]): row["agreed"] == "yes"
        for row in _read("story_labels.csv")
        if row["file"] == str(year)
    }
    some = table.take(pa.array(tracked))
    coded = np.array(kinds)[tracked]
    keys = [
        (_hash(address), KINDS[kind].value)
        for address, kind in zip(some["url"].to_pylist(), coded, strict=True)
    ]
    found = _labelled(some, coded, keys, labels)
    assert len(found.label) == len(labels)
    return found


def labelled_twice() -> tuple[list[str], list[str]]:
    """Return the labels that two people gave the same real stories, in the same order."""
    held = _read("story_labels.csv")
    return [row["first"] for row in held], [row["second"] for row in held]


def invented() -> tuple[Labelled, list[str]]:
    """Return the invented stories, and the language of each."""
    held = list(_read("invented_stories.csv"))
    number = len(held)
    columns = {
        "code": [CODES[row["kind"]] for row in held],
        "actor_1": [row["actor_1"] for row in held],
        "actor_2": [row["actor_2"] for row in held],
        "url": [row["address"] for row in held],
        "tone": [TYPICAL_TONE] * number,
    }
    table = pa.table({name: [cell.encode() for cell in cells] for name, cells in columns.items()})
    coded = np.array([[kind.value for kind in KINDS].index(row["kind"]) for row in held])
    keys = [(str(at), row["kind"]) for at, row in enumerate(held)]
    labels = {key: row["label"] == "yes" for key, row in zip(keys, held, strict=True)}
    return _labelled(table, coded, keys, labels), [row["language"] for row in held]


def _labelled(
    table: pa.Table,
    coded: np.ndarray,
    keys: list[tuple[str, str]],
    labels: dict[tuple[str, str], bool],
) -> Labelled:
    stories = list(dict.fromkeys(keys))
    number = {key: at for at, key in enumerate(stories)}
    story = np.array([number[key] for key in keys])
    rows = read_stories(table, coded)
    by_actors = np.zeros(len(stories), bool)
    by_actors[story[is_between_roles(rows)]] = True
    return Labelled(
        rows,
        story,
        np.array([kind for _, kind in stories]),
        np.array([labels[key] for key in stories]),
        by_actors,
    )


def _kind(code: str) -> int:
    kind = from_cameo(code)
    return -1 if kind is None else KINDS.index(kind)


def _hash(address: bytes) -> str:
    return hashlib.blake2b(address, digest_size=12).hexdigest()


def _read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
