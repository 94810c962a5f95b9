"""Classification of the rows of GDELT: their kind, and whether they are events of that kind.

A code is a guess of software. Each row is classified by its own words, actors and tone
(`relevance`). Two kinds need more than the code: `force` if the state is violent against civilians
and there is a crowd, and `election` if the words are about a vote and about tampering with it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ewarn.domain.kinds import EventKind
from ingest.gdelt.relevance import (
    KINDS,
    ROLES,
    Stories,
    is_state_against_civilians,
    load_relevance,
    roles_of,
)
from ingest.gdelt.story_words import IntArray, load_vocabulary

Array = np.ndarray[Any, np.dtype[Any]]

# Roots of codes that have no kind by themselves, but are election incidents if the words say so:
# disapprove, reject, threaten, protest by force of arms, reduce relations.
ELECTION_ROOTS = ("11", "12", "13", "15", "16")
_UNTRACKED = -1
_VIOLENT = tuple(KINDS.index(kind) for kind in (EventKind.ATTACK, EventKind.CLASH))
_CROWD = tuple(KINDS.index(kind) for kind in (EventKind.PROTEST, EventKind.RIOT, EventKind.STRIKE))
_FORCE, _ELECTION = KINDS.index(EventKind.FORCE), KINDS.index(EventKind.ELECTION)


@dataclass(frozen=True, slots=True)
class StoryVerdicts:
    """The kind of each row, int (rows,), and whether it counts as an event of it, bool (rows,).

    Kinds are positions in `KINDS`, or -1 for none.
    """

    kind: Array
    counts: Array


def judged(table: pa.Table, kind: Array, sound: Array) -> StoryVerdicts:
    """Classify the rows of GDELT where `sound` is true; other rows keep their kind.

    Args:
        kind: The kinds by code, int (rows,).
        sound: Which rows are free of faults, bool (rows,).
    """
    rows = np.flatnonzero(sound & ((kind != _UNTRACKED) | _may_be_election(table)))
    read = _Rows(table.take(pa.array(rows)), kind[rows])
    kinds = read.kinds()
    found = StoryVerdicts(kind.copy(), np.zeros(len(kind), bool))
    found.kind[rows] = kinds
    tracked = kinds != _UNTRACKED
    found.counts[rows[tracked]] = load_relevance().counts(read.stories(kinds, tracked))
    return found


def read_stories(table: pa.Table, kind: Array) -> Stories:
    """Return the classifier's data of rows that all have a kind, int (rows,), for fitting it."""
    read = _Rows(table, kind)
    return read.stories(read.kinds(), np.ones(len(kind), bool))


def _may_be_election(table: pa.Table) -> Array:
    """Return which rows have a code and an address that an election incident could have."""
    if "url" not in table.column_names:
        return np.zeros(len(table), bool)
    root = pc.binary_slice(table["code"], 0, 2)
    has_root = pc.is_in(root, pa.array([code.encode() for code in ELECTION_ROOTS], pa.binary()))
    rows = np.flatnonzero(has_root.to_numpy())
    found = np.zeros(len(table), bool)
    addresses = table["url"].take(pa.array(rows))
    found[rows] = pc.match_substring_regex(addresses, _vote()).to_numpy()
    return found


@lru_cache(maxsize=1)
def _vote() -> str:
    """Return the pattern of addresses that may be about a vote, for a quick first selection.

    Letters that are not plain ASCII may belong to any word.
    """
    stems, words = (
        "|".join(sorted(word for word in some if word.isascii()))
        for some in load_vocabulary().stems_and_words("vote")
    )
    begins, ends = r"(?:[^a-z]|%2[a-f])", r"(?:[^a-z]|$)"
    return rf"(?i){begins}(?:{stems}|(?:{words}){ends})|%[cd]|[^\x00-\x7f]"


class _Rows:
    """Some rows, with the counts of the words in their addresses by group."""

    def __init__(self, table: pa.Table, kind: Array) -> None:
        self._table = table
        self._kind = kind
        self._address, self._at = _addresses(table)
        groups = load_vocabulary()
        counts = [groups.counts(address) for address in self._address]
        self._spoken: IntArray = np.array(counts, np.int64).reshape(-1, len(groups.groups))
        pairs = (table[name].to_pylist() for name in ("actor_1", "actor_2"))
        self._actors = [(_code(one), _code(two)) for one, two in zip(*pairs, strict=True)]

    def kinds(self) -> Array:
        """Return the kinds of the rows, with force and election where words and actors say so."""
        kinds = self._kind.copy()
        against = [is_state_against_civilians(one, two) for one, two in self._actors]
        is_force = np.isin(kinds, _VIOLENT) & np.array(against, bool) & self._has_crowd()
        kinds[is_force] = _FORCE
        tampered = self._speaks_of("vote") & self._speaks_of("tampering")
        kinds[(kinds == _UNTRACKED) & tampered] = _ELECTION
        return kinds

    def stories(self, kinds: Array, some: Array) -> Stories:
        """Return the classifier's data of some rows, whose `kinds` are given for all rows."""
        rows = np.flatnonzero(some)
        roles = [roles_of(*self._actors[row]) for row in rows]
        tone = [_number(cell) for cell in self._table["tone"].take(pa.array(rows)).to_pylist()]
        return Stories(
            kinds[rows].astype(np.int64),
            self._spoken[self._at[rows]],
            np.array(roles, np.float64).reshape(len(rows), len(ROLES)),
            np.array(tone, np.float64),
        )

    def _speaks_of(self, group: str) -> Array:
        column = load_vocabulary().groups.index(group)
        return np.asarray(self._spoken[self._at, column] > 0)

    def _has_crowd(self) -> Array:
        """Return whether each row's address names a crowd, or a row with it is coded as one."""
        crowds = np.zeros(len(self._address), bool)
        crowds[self._at[np.isin(self._kind, _CROWD)]] = True
        # Rows without an address do not belong to one story.
        crowds[[not address for address in self._address]] = False
        return crowds[self._at] | self._speaks_of("crowd")


def _addresses(table: pa.Table) -> tuple[list[str], Array]:
    """Return the distinct addresses of rows, and the position of each row's address in them."""
    if "url" not in table.column_names:
        return [""], np.zeros(len(table), np.int64)
    encoded = table["url"].combine_chunks().dictionary_encode()
    texts = [text.decode("utf-8", "replace") for text in encoded.dictionary.to_pylist()]
    return texts, encoded.indices.to_numpy().astype(np.int64)


def _code(cell: bytes) -> str:
    return cell.decode("ascii", "replace")


def _number(cell: bytes) -> float:
    """Return the tone of a row, or the neutral 0 if it is not a number."""
    try:
        value = float(cell)
    except ValueError:
        return 0.0
    return min(max(value, -100.0), 100.0) if value == value else 0.0
