"""Read the input of a back-test: event files and a calendar, as a history of panels."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from ewarn.domain.region import Level
from ewarn.domain.source import Coverage
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, midnight, origin_at, week_of
from ewarn.errors import InputError, UsageError
from ewarn.panel.history import EventHistory
from ewarn.places.gazetteer import Gazetteer
from ewarn.run.clock import wall
from ewarn.run.commands.data import read_file, say_rejected
from ewarn.run.console import Voice
from ingest.exchange.format import read_exchange
from ingest.imports import read_import
from ingest.registry import SOURCES
from models.ensemble.ensemble import LABEL_SOURCE
from models.inputs.targets import kinds_read


@dataclass(frozen=True)
class Files:
    """The files to read.

    `source` is the source to evaluate; None if the files hold only one. `terms_allow_training` is
    the user's statement for a source that ewarn does not know.
    """

    events: Sequence[Path]
    calendar: Path | None = None
    source: str | None = None
    terms_allow_training: bool = False


@dataclass(frozen=True)
class InputFile:
    """A file that was read, with its role (`events` or `calendar`) and the hash of its bytes."""

    role: str
    name: str
    sha256: str

    @classmethod
    def of(cls, role: str, path: Path, body: bytes) -> "InputFile":
        """Describe a file by its role, path and content."""
        return cls(role, path.name, hashlib.sha256(body).hexdigest())


@dataclass(frozen=True)
class Data:
    """The history to evaluate, the source of its labels, and the files that were read.

    `sizes` is the number of subdivisions by country.
    """

    history: EventHistory
    source: str
    sizes: dict[str, int]
    files: list[InputFile]


def read_data(asked: Files, level: Level, start: date, places: Gazetteer, voice: Voice) -> Data:
    """Read the files of a back-test that begins on `start`.

    Raises:
        InputError: The files hold no event of the source.
        UsageError: The files hold several sources and none is named; or its terms do not allow
            training; or none of its events was known by `start`.
    """
    files = []
    frames = []
    for path in asked.events:
        body = read_file(path)
        batch = read_exchange(body, places, wall())
        say_rejected(voice, batch.rejected)
        frames.append(batch.events)
        files.append(InputFile.of("events", path, body))
    votes = None
    if asked.calendar is not None:
        body = read_file(asked.calendar)
        # The file may be REIGN, ewarn's own layout, iCalendar, or rows in the exchange format.
        votes = read_import(body, places, wall())[1].events
        frames.append(votes)
        files.append(InputFile.of("calendar", asked.calendar, body))
    events = pd.concat(frames, ignore_index=True)
    chosen = _source_of(events, asked.source)
    _check_terms(chosen, allowed=asked.terms_allow_training)
    mine = events[events["source"] == chosen]
    history = _history(mine, chosen, level, start, places, votes)
    countries = {region for region in history.regions if region not in history.parents}
    sizes = {name: len(places.regions(Level.ADMIN1, [name])) for name in sorted(countries)}
    return Data(history, chosen, sizes, files)


def _source_of(events: pd.DataFrame, wanted: str | None) -> str:
    there = sorted(events["source"].unique())
    if wanted is None:
        kept = [name for name in there if name != "calendar"] or there
        if LABEL_SOURCE in kept:
            kept = [LABEL_SOURCE]
        if len(kept) != 1:
            raise UsageError(
                f"the files hold events of {', '.join(kept) or 'no source'}; name one with --source"
            )
        wanted = kept[0]
    if wanted not in there:
        raise InputError(f"the files hold no event of {wanted!r}; they hold {', '.join(there)}")
    return wanted


def _check_terms(source: str, *, allowed: bool) -> None:
    """Require that the terms of a source allow training, because a back-test fits models.

    Raises UsageError if they do not.
    """
    if source in SOURCES:
        if not SOURCES[source]().terms.train:
            raise UsageError(f"the terms of {source!r} do not allow training models on it")
    elif not allowed:
        raise UsageError(
            f"the terms of {source!r} are not known, and a back-test trains models on it: read "
            "the terms, and if they allow training, give --terms-allow-training"
        )


def first_known_week(events: pd.DataFrame, start: date) -> date | None:
    """Return the Monday of the first event known by the midnight that begins `start`, or None.

    An old event that became known only later does not extend the history. Otherwise the length of
    the observed past, which enters the scores, would contain knowledge of the future.
    """
    known = events[~events["deleted"] & (events["known_at"] <= midnight(start))]
    return None if known.empty else week_of(known["occurred_on"].min().date())


def _history(
    events: pd.DataFrame,
    source: str,
    level: Level,
    start: date,
    places: Gazetteer,
    votes: pd.DataFrame | None,
) -> EventHistory:
    """Build the history of every country with an event.

    Its weeks are from that of the first event known by `start` to the last complete one.
    """
    standing = events[~events["deleted"]]
    if standing.empty:
        raise InputError(f"the files hold no event of {source!r} that was not deleted")
    first = first_known_week(events, start)
    if first is None:
        raise UsageError(
            f"--start: no event of {source!r} was known by {start}; the first became known on "
            f"{standing['known_at'].min():%Y-%m-%d}"
        )
    last = week_of(standing["occurred_on"].max().date())
    end = min(last + WEEK, origin_at(wall()))  # a future vote of the calendar has no outcome yet
    if first >= end:
        raise InputError(f"the files hold no complete week of {source!r}")
    countries = sorted(standing["country"].unique())
    subdivisions = [region.id for region in places.regions(Level.ADMIN1, countries)]
    kinds = dict.fromkeys(kind for target in Target for kind in kinds_read(source, target))
    return EventHistory(
        frame=events,
        regions=[*countries, *subdivisions] if level is Level.ADMIN1 else countries,
        parents={region: places.parents[region] for region in subdivisions},
        signals=[f"{source}:{kind}" for kind in kinds],
        first_week=first,
        end=end,
        coverage=[Coverage(source, "*", first, end - WEEK)],
        centres={region: places.get(region).centre for region in [*countries, *subdivisions]},
        calendar=votes,
        weeks_back=None,
    )
