"""`ewarn effect`: estimate whether the situation changed after a deployment.

The result claims no more than the data support.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Annotated

import pandas as pd
import typer

from ewarn.domain.effect import Effect
from ewarn.domain.kinds import EventKind, source_signals
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import UsageError
from ewarn.frames.panel import Panel
from ewarn.panel.events import from_events
from ewarn.pipeline.response.effect import WEEKS_BEFORE, panel_around, study_of, weeks_of
from ewarn.places.gazetteer import Gazetteer
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.options import Json, day_option
from ewarn.run.wiring import load_places, open_service
from ingest.chronicle.source import NAME as CHRONICLE
from ingest.chronicle.source import ChronicleSource
from models.effect.effect import estimate


def effect(
    source: Annotated[str, typer.Option(help="Source of the events.")],
    region: Annotated[str, typer.Option(help="Country or subdivision, such as TGO or TG-M.")],
    start: Annotated[date, day_option("First day of the deployment.")],
    end: Annotated[date, day_option("Last day of the deployment.")],
    kind: Annotated[str, typer.Option(help="Kind of event to count.")] = "force",
    donor: Annotated[
        list[str] | None,
        typer.Option(
            help="Region to compare with, chosen before the outcome is known; repeatable."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Estimate whether the situation changed after a deployment, or say that it is unknown.

    Example: `ewarn effect --source chronicle --region TGO --start 2017-12-01 --end 2018-03-31`
    """
    outcome, voice = _kind(kind), Voice(json=json)
    first_week, last_week = weeks_of(start, end)
    chosen, now = settings.load(), wall()
    if midnight(last_week) > now:
        raise UsageError(f"--end {end} is not over yet; give a day before {now.date()}")
    places = load_places(chosen)
    regions = [places.get(each).id for each in (region, *(donor or []))]
    if len(set(regions)) < len(regions):
        raise UsageError("a region cannot be its own donor, and each donor can be named only once")
    if source == CHRONICLE:
        panel = _chronicle(places, regions, first_week, last_week)
    else:
        with open_service(chosen) as service:
            panel = panel_around(service, source, regions, first_week, now)
    study = study_of(
        panel,
        source,
        outcome,
        regions[0],
        first_week,
        last_week,
        donors=regions[1:],
        in_hindsight=source == CHRONICLE,
    )
    found = estimate(study)
    voice.result(asdict(found), _sentences(found))


def _kind(name: str) -> EventKind:
    try:
        return EventKind(name)
    except ValueError:
        known = ", ".join(kind.value for kind in EventKind)
        raise UsageError(f"--kind {name}: the kinds are {known}") from None


def _chronicle(places: Gazetteer, regions: Sequence[str], start: date, end: date) -> Panel:
    """Return the panel of the shipped chronicle.

    It covers no week, because it was compiled in hindsight.
    """
    source = ChronicleSource()
    last = midnight(date(2100, 1, 1))
    batches = [
        batch.events
        for payload in source.fetch(None, last)
        for batch in source.parse(payload, places)
    ]
    return from_events(
        pd.concat(batches, ignore_index=True),
        as_of=None,
        regions=regions,
        parents=places.parents,
        signals=source_signals(CHRONICLE),
        first_week=start - WEEKS_BEFORE * WEEK,
        origin=end,
        coverage=(),
    )


def _sentences(found: Effect) -> str:
    study = found.study
    lines = [
        f"{study.region}, {study.outcome}, {study.start} to {study.end}: {found.verdict}",
        *(
            f"{each.method}: {each.ratio:.2f} times the expected number "
            f"(90% {each.low:.2f} to {each.high:.2f}; {each.placebos} placebos, "
            f"{each.as_large:.0%} as large)"
            for each in found.estimates
        ),
        *(f"- {reason}" for reason in (*found.reasons, *found.cautions)),
    ]
    return "\n".join(lines)
