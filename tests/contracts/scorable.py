"""Check that a source that can be scored brings what scoring needs, and that others say so."""

from datetime import timedelta

import pandas as pd

from ewarn.domain.source import Payload
from ewarn.domain.target import SERVED_TARGETS
from ewarn.domain.time import WEEK
from ewarn.pipeline.scoring.scoring import WEEKS_OF_COMPLETENESS
from ewarn.places.gazetteer import load_gazetteer
from ewarn.ports import NotScored, PublishesLate, Source
from models.inputs.targets import kinds_read


def fault_of(source: Source, payload: Payload) -> str | None:
    """What is wrong with what a source says of being scored, in one sentence; None if nothing."""
    declared = source.not_scored if isinstance(source, NotScored) else None
    why = "its terms allow it to nobody" if source.terms.stays_in_account else None
    why = why or why_never_scored(source, payload)
    if why and not declared:
        return f"{source.name} can never be scored: {why}; say so in `not_scored`"
    if declared and not why:
        return f"{source.name} says that it is not scored, but nothing keeps it from being scored"
    return None


def why_never_scored(source: Source, payload: Payload) -> str | None:
    """What keeps anything that a source brings from ever being scored; None where nothing does."""
    batches = list(source.parse(payload, load_gazetteer()))
    events = pd.concat([batch.events for batch in batches])
    read = {"protest", *(k.split(":")[0] for t in SERVED_TARGETS for k in kinds_read("x", t))}
    if read.isdisjoint(events["kind"]):
        return "no target or detector reads its kinds"
    if (events["date_precision"] == "month").all():
        return "its events are of no week"
    often = source.cadence is not None and source.cadence < WEEK
    claimed = {item.source for batch in batches for item in batch.coverage}
    if not often and source.name not in claimed:
        return "it never observes a week"
    if not often and not isinstance(source, PublishesLate):
        return "nothing says when its newest week is out"
    lag = source.lag if isinstance(source, PublishesLate) else timedelta(0)
    return None if lag < WEEKS_OF_COMPLETENESS * WEEK else "its weeks are out too late"
