"""Time of a back-test of 115 countries and 15 years with yearly refit, and to read its events."""

import csv
import tempfile
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, timed
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.domain.time import midnight
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run.commands.backtest import BacktestOptions, judge
from ewarn.run.console import Voice
from ingest.exchange.format import read_exchange

FIRST, START, END = date(1990, 1, 1), date(2005, 1, 3), date(2019, 12, 30)
COUNTRIES = 115
EVENTS = 13_000
KINDS = ("protest", "riot", "arrest", "force")
BUDGET = "budget 300 s on two cores"


def main() -> list[Row]:
    """Measure the whole command on invented events: both vintages, all baselines, the report."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invented.csv"
        _write(path)
        asked = BacktestOptions(
            events=[path],
            target=Target.FORCE,
            level=Level.COUNTRY,
            horizon_weeks=4,
            start=START,
            end=END,
            out=Path(folder) / "out",
            learn_every=4,
            terms_allow_training=True,  # the events are invented
        )
        read = timed(lambda: read_exchange(path.read_bytes(), load_gazetteer(), midnight(END)))
        seconds = timed(lambda: judge(asked, voice=Voice(json=True)))
    return [
        Row(
            f"back-test, {COUNTRIES} countries × 15 years, yearly refit, as known and as final",
            f"{seconds:.0f} s ({BUDGET})",
            f"reading its {EVENTS:,} events: {read:.1f} s",
            f"{seconds / read:.0f} times the time",
        )
    ]


def _write(path: Path) -> None:
    """Write invented events of active and quiet countries, with force where there were arrests."""
    random = np.random.default_rng(2)
    countries = [region.id for region in load_gazetteer().regions(Level.COUNTRY)][:COUNTRIES]
    share = random.gamma(0.4, 1.0, COUNTRIES)
    days = (END + timedelta(days=60) - FIRST).days
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(
            ["source", "source_event_id", "kind", "occurred_on", "country", "fatalities_low"]
        )
        where = random.choice(COUNTRIES, EVENTS, p=share / share.sum())
        for number, place in enumerate(where):
            kind = KINDS[random.choice(4, p=[0.56, 0.22, 0.12, 0.10])]
            dead = int(kind == "force" and random.random() < 0.5)
            day = FIRST + timedelta(days=int(random.integers(days)))
            table.writerow(["invented", number, kind, day, countries[place], dead])
