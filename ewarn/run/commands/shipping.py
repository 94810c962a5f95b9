"""`ewarn models ship`: fit the parameters that are shipped with the project."""

from datetime import date
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from ewarn.domain.kinds import LETHAL, EventKind, signal
from ewarn.domain.region import Level
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK
from ewarn.errors import InputError
from ewarn.panel.history import EventHistory
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.run.clock import wall
from ewarn.run.commands.data import read_file
from ewarn.run.console import Voice
from ewarn.run.options import Json, day_option
from ewarn.run.rulebooks import read_rulebook
from ingest.exchange.format import read_exchange
from models.ensemble.ensemble import LABEL_SOURCE
from models.ensemble.kind import ENSEMBLE
from models.ensemble.shipped_parameters import save
from models.fitting.fitting import fit_shipped

FIRST_WEEK = date(1990, 1, 1)
END = date(2020, 3, 30)  # the Monday after the last event of the data set
WEEKS_BACK = 900  # covers the memory of the rates and the weeks of the median
_KINDS = (EventKind.PROTEST, EventKind.RIOT, EventKind.ARREST, EventKind.FORCE)


def ship(
    file: Annotated[Path, typer.Argument(help="Events of Mass Mobilization.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="Folder for the parameters.")],
    created_on: Annotated[date, day_option("Date for the model cards.")],
    json: Json = False,
) -> None:
    """Fit the models that are shipped with ewarn, on origins before 2014.

    Example: `ewarn models ship mass_mobilization.csv.gz --out models/shipped
    --created-on 2026-11-21`
    """
    voice = Voice(json=json)
    places = load_gazetteer()
    events = read_exchange(read_file(file), places, wall()).events
    events = events[events["source"] == LABEL_SOURCE]
    if events.empty:
        raise InputError(f"{file} holds no event of the source {LABEL_SOURCE!r} to learn from")
    ended = {region.id: region.ended_on for region in places.countries() if region.ended_on}
    packaged = read_rulebook(None)
    written = []
    with voice.progress("fitting", len(ENSEMBLE.purposes)) as steps:
        for target, level in ENSEMBLE.purposes:
            history = _history(events, places, level)
            model = fit_shipped(
                history,
                target,
                level,
                ended=ended,
                created_on=created_on,
                rise=packaged.rise_on(target, level, 4),
            )
            written.append(str(save(model, out)))
            steps.done(f"{target} {level}")
    voice.result({"written": written}, "\n".join(written))


def _history(events: pd.DataFrame, places: Gazetteer, level: Level) -> EventHistory:
    """Return the history of the countries of the data set, with subdivisions if wanted."""
    countries = sorted(events["country"].unique())
    subdivisions = [region.id for region in places.regions(Level.ADMIN1, countries)]
    return EventHistory(
        frame=events,
        regions=[*countries, *subdivisions] if level is Level.ADMIN1 else countries,
        parents={region: places.parents[region] for region in subdivisions},
        signals=[
            *(signal(LABEL_SOURCE, kind) for kind in _KINDS),
            signal(LABEL_SOURCE, EventKind.FORCE, LETHAL),
        ],
        first_week=FIRST_WEEK,
        end=END,
        coverage=[Coverage(LABEL_SOURCE, "*", FIRST_WEEK, END - WEEK)],
        centres={region: places.get(region).centre for region in [*countries, *subdivisions]},
        weeks_back=WEEKS_BACK,
    )
