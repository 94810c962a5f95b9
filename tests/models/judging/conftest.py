"""An invented past of a few countries, with late reports, corrections and deletions."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.source import Coverage
from ewarn.domain.target import Target
from ewarn.domain.time import WEEK, known_after
from ewarn.panel.history import EventHistory
from ewarn.run.commands.backtest_data import first_known_week
from models.judging.backtest.plan import Plan
from models.training.rows import ModelQuestion
from tests import events

FIRST = date(2010, 1, 4)
END = date(2015, 1, 5)
COUNTRIES = ("AGO", "BEN", "CIV", "GHA", "MLI", "NER", "SEN", "TGO")
SOURCE = "mass-mobilization"
KINDS = ("protest", "riot", "arrest", "force")
ORIGINS = (date(2013, 1, 7), date(2014, 9, 1))

Row = dict[str, Any]


def invented(seed: int = 3) -> list[Row]:
    """Rows of an event frame: restless countries first, force more often after arrests."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for place, country in enumerate(COUNTRIES):
        tense = False
        for week in range((END - FIRST).days // 7):
            for kind in KINDS:
                rate = 0.35 / (1 + place) * (4 if tense and kind == "force" else 1)
                for number in range(random.poisson(rate)):
                    day = FIRST + timedelta(days=7 * week + int(random.integers(0, 7)))
                    rows.append(
                        one(
                            f"{country}-{week}-{kind}-{number}",
                            country,
                            kind,
                            day,
                            late=int(random.integers(0, 40)),
                            lethal=bool(random.random() < 0.5),
                        )
                    )
            tense = bool(rows) and rows[-1]["kind"] == "arrest"
    return rows


def one(
    name: str, country: str, kind: str, day: date, *, late: int = 0, lethal: bool = True
) -> Row:
    """One invented event, reported so many days late."""
    lethal = lethal and kind == "force"
    return events.row(
        name,
        source=SOURCE,
        kind=kind,
        occurred_on=day,
        region=country,
        country=country,
        tags="response:killing" if lethal else "",
        known_at=known_after(day + timedelta(days=late)),
    )


def history_of(rows: list[Row]) -> EventHistory:
    """The history of rows, as a back-test that begins with the first of `ORIGINS` reads them."""
    frame = events.frame(*rows)
    first = first_known_week(frame, ORIGINS[0])
    assert first is not None
    return EventHistory(
        frame=frame,
        regions=COUNTRIES,
        parents={},
        signals=[f"{SOURCE}:{kind}" for kind in (*KINDS, "force:lethal")],
        first_week=first,
        end=END,
        coverage=[Coverage(SOURCE, "*", first, END - WEEK)],
        weeks_back=None,
    )


def plan_of(target: Target = Target.FORCE, **changed: Any) -> Plan:
    """A plan of twenty months, refitted every January."""
    question = ModelQuestion(SOURCE, target, Level.COUNTRY, 4, {}, {})
    first, last = ORIGINS
    options: dict[str, Any] = {"start": first, "end": last, "learn_from": date(2011, 1, 3)}
    return Plan(question=question, **(options | changed))


def known_by(rows: list[Row], moment: datetime) -> list[Row]:
    """The rows that were known at a moment."""
    return [row for row in rows if row["known_at"] <= moment]


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    """The invented past."""
    return invented()


@pytest.fixture(scope="session")
def history(rows: list[Row]) -> EventHistory:
    """Its history."""
    return history_of(rows)
