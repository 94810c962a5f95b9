"""What a back-test reads: event files and a calendar, as a history of panels."""

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
    """What is read: event files, a calendar, and whose signals are judged (None: the only one).

    `terms_allow_training` is the word of whoever gives files of a source that is not known here.
    """

    events: Sequence[Path]
    calendar: Path | None = None
    source: str | None = None
    terms_allow_training: bool = False


@dataclass(frozen=True)
class InputFile:
    """A file that was read, as what (`events` or `calendar`), with the hash of its bytes."""

    role: str
    name: str
    sha256: str

    @classmethod
    def of(cls, role: str, path: Path, body: bytes) -> "InputFile":
        """What was read of a file."""
        return cls(role, path.name, hashlib.sha256(body).hexdigest())


@dataclass(frozen=True)
class Data:
    """The history that is judged, the source of its labels, and the files that were read.

    `sizes` are numbers of subdivisions by country.
    """

    history: EventHistory
    source: str
    sizes: dict[str, int]
    files: list[InputFile]


def read_data(asked: Files, level: Level, start: date, places: Gazetteer, voice: Voice) -> Data:
    """Read the files of a back-test that begins on `start`.

    Raises InputError for files that hold no event of the source, UsageError where several sources
    are there and none is named, its terms do not let models learn from it, or nothing of it was
    known by `start`.
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
        # REIGN, our own layout, iCalendar, or exchange rows.
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
    """A back-test fits: raises UsageError unless the source's terms let models learn from it."""
    if source in SOURCES:
        if not SOURCES[source]().terms.train:
            raise UsageError(f"the terms of {source!r} do not let models learn from it")
    elif not allowed:
        raise UsageError(
            f"the terms of {source!r} are not known here and a back-test learns from it: read "
            "them, and if they allow that, say so with --terms-allow-training"
        )


def first_known_week(events: pd.DataFrame, start: date) -> date | None:
    """Monday of the first event that was known by the midnight that begins `start`, if any.

    An event of long ago that became known later does not lengthen the past of a test: how long a
    region was watched is known at every origin and enters its scores.
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
    """Weeks from the first event known by `start` to the last that is over, for every country
    that has an event.
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
    end = min(last + WEEK, origin_at(wall()))  # a vote that is due has no outcome yet
    if first >= end:
        raise InputError(f"the files hold no week of {source!r} that is over")
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
