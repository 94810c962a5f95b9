"""A simulated world whose truth is known, and two sources that report on it. All of it is invented.

The risk of lethal force in each country has its own level and a memory, and is raised by earlier
events there and in neighbouring countries. Protests, arrests and force rise with it.

A source that is coded by machine misses events, invents others and reports some late. It reports
more if there is more news, which grows at a different rate in each country. A source that is coded
by people reports nearly every lethal event until it ended, and nothing since. So it can be measured
how well a model that is fitted on both does in years that the second source does not cover.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from ewarn.domain.kinds import EventKind, source_signals
from ewarn.domain.source import Coverage
from ewarn.domain.time import WEEK
from ewarn.frames.predictions import FloatArray
from ewarn.panel.history import LedgerHistory
from models.inputs.targets import ATTACK_BY_STATE, FORCE_LETHAL

MACHINE, PEOPLE = "gdelt", "mass-mobilization"
# Another source that is coded by people, the signal that each such source reports, and the kinds
# that the machine swaps if the other source is used.
OTHER_PEOPLE = "ucdp"
TELLS = {PEOPLE: FORCE_LETHAL, OTHER_PEOPLE: ATTACK_BY_STATE}
OTHER_NAMES = {"force": "attack", "attack": "force"}
FIRST_WEEK = date(2015, 2, 16)
PEOPLE_ENDED = date(2020, 3, 30)  # the first Monday that the source of people does not cover
BEFORE_WEEKS = 104  # weeks that are simulated before the first reported one

MEMORY = 0.96  # of risk, from week to week
LEVELS = 0.9  # spread of the countries' own levels, in logarithms
SHOCKS = 0.25  # spread of the weekly shocks, in logarithms
LETHAL_RATE = 0.006  # lethal events a week in a country of the usual level
BY_OWN, BY_NEAR, BY_ARREST = 0.15, 0.04, 0.02  # how much an event raises risk, which then fades
FADES, MOST_STIRRED = 0.85, 1.5

# For each kind that the machine codes: true events a week at the usual level, and how they depend
# on a country's level and its current risk. Then rows without a true event, for each unit of news.
TRUE_RATES = {"protest": (0.8, 0.4, 0.6), "arrest": (0.25, 0.6, 1.0), "force": (0.12, 0.8, 1.0)}
FALSE_ROWS = {"protest": 1.0, "arrest": 0.6, "force": 0.4}
OTHER_ROWS = {"dialogue": 4.0, "clash": 1.0, "attack": 1.0}
MISSED, ROWS_AN_EVENT = 0.4, 1.5
NEWS_SPREAD, NEWS_GROWTH, GROWTH_SPREAD = 1.0, 0.14, 0.05  # in logarithms, the last two a year
LAGS = {0: 0.8, 1: 0.12, 4: 0.08}  # weeks until a row is known, and the share of rows
PEOPLE_SEE = 0.95

Counts = npt.NDArray[np.int64]
COLUMNS = ("region", "week", "last_week", "signal", "known_at", "delta")


@dataclass(frozen=True)
class SimulatedWorld:
    """What happened in the world, and what each source reported, as rows of a ledger.

    Attributes:
        lethal: True lethal events, int64 (weeks, regions), from `FIRST_WEEK` on.
        machine: Reports of the source that is coded by machine.
        people: Reports of the source that is coded by people.
        told_by: Name of the source that is coded by people.
    """

    regions: tuple[str, ...]
    lethal: Counts
    machine: pd.DataFrame
    people: pd.DataFrame
    told_by: str = PEOPLE

    @property
    def end(self) -> date:
        """The Monday after the last week."""
        return FIRST_WEEK + len(self.lethal) * WEEK

    def history(self, *, with_people: bool = True) -> LedgerHistory:
        """Return the history of both sources, or of the machine alone."""
        rows = [self.machine, self.people] if with_people else [self.machine]
        coverage = [Coverage(MACHINE, "*", FIRST_WEEK, self.end - WEEK)]
        if with_people:
            coverage.append(Coverage(self.told_by, "*", FIRST_WEEK, PEOPLE_ENDED - WEEK))
        return LedgerHistory(
            frame=pd.concat(rows, ignore_index=True),
            regions=self.regions,
            parents={},
            signals=(*source_signals(MACHINE), f"{self.told_by}:{TELLS[self.told_by]}"),
            first_week=FIRST_WEEK,
            end=self.end,
            coverage=coverage,
            centres=centres_of(self.regions),
            weeks_back=None,
        )

    def outcome(self, origin: date, horizon_weeks: int) -> FloatArray:
        """Return whether lethal force occurred in the weeks from `origin`, 0 or 1 (regions,)."""
        start = (origin - FIRST_WEEK).days // 7
        came = self.lethal[start : start + horizon_weeks].sum(axis=0) > 0
        return np.asarray(came, dtype=np.float64)

    def shuffled(self, seed: int) -> "SimulatedWorld":
        """Return the same world, with the reports of people moved to random places and weeks."""
        weeks = (PEOPLE_ENDED - FIRST_WEEK).days // 7
        told = np.zeros(weeks * len(self.regions), dtype=np.int64)
        told[: len(self.people)] = 1
        np.random.default_rng(seed).shuffle(told)
        spread = {TELLS[self.told_by]: told.reshape(weeks, -1)}
        return replace(self, people=_ledger(spread, self.regions, self.told_by, {0: 1.0}))


def simulated_world(
    seed: int, *, regions: int = 200, weeks: int = 530, told_by: str = PEOPLE
) -> SimulatedWorld:
    """Simulate a world, a different one for each seed.

    If `told_by` is `OTHER_PEOPLE`, force and attacks are swapped in the reports of the machine.
    """
    random = np.random.default_rng(seed)
    names = tuple(f"C{number:03d}" for number in range(regions))
    level = random.normal(0, LEVELS, regions)
    risk, lethal = _risk(random, level, BEFORE_WEEKS + weeks)
    risk, lethal = risk[BEFORE_WEEKS:], lethal[BEFORE_WEEKS:]
    machine = _machine(random, level, risk, lethal)
    if told_by == OTHER_PEOPLE:
        machine = {OTHER_NAMES.get(kind, kind): rows for kind, rows in machine.items()}
    seen = (PEOPLE_ENDED - FIRST_WEEK).days // 7
    told = random.binomial(lethal[:seen], PEOPLE_SEE)
    return SimulatedWorld(
        names,
        lethal,
        _ledger(machine, names, MACHINE, LAGS, random),
        _ledger({TELLS[told_by]: told}, names, told_by, {0: 1.0}),
        told_by,
    )


def centres_of(regions: tuple[str, ...]) -> dict[str, tuple[float, float]]:
    """Return centres of countries on a grid, three degrees apart."""
    across = 15
    return {
        name: (3.0 * (place // across), 3.0 * (place % across))
        for place, name in enumerate(regions)
    }


def _risk(random: np.random.Generator, level: FloatArray, weeks: int) -> tuple[FloatArray, Counts]:
    """Return the log risk above each country's level, and lethal events, (weeks, regions) each."""
    regions = len(level)
    risk, lethal = np.zeros((weeks, regions)), np.zeros((weeks, regions), dtype=np.int64)
    own, stirred = np.zeros(regions), np.zeros(regions)
    for week in range(weeks):
        own = MEMORY * own + random.normal(0, SHOCKS, regions)
        risk[week] = own + np.minimum(stirred, MOST_STIRRED)
        lethal[week] = random.poisson(LETHAL_RATE * np.exp(level + risk[week]))
        arrests = random.poisson(0.2 * np.exp(0.6 * level + own))
        near = np.roll(lethal[week], 1) + np.roll(lethal[week], -1)
        news = BY_OWN * lethal[week] + BY_NEAR * near + BY_ARREST * arrests
        stirred = FADES * stirred + news
    return risk, lethal


def _machine(
    random: np.random.Generator, level: FloatArray, risk: FloatArray, lethal: Counts
) -> dict[str, Counts]:
    """Return the number of rows of each kind (weeks, regions), whenever they became known."""
    weeks, regions = risk.shape
    years = np.arange(weeks)[:, None] / 52
    growth = NEWS_GROWTH + random.normal(0, GROWTH_SPREAD, regions)
    news = np.exp(random.normal(0, NEWS_SPREAD, regions) + growth * years)
    found = {}
    for kind, (rate, by_level, by_risk) in TRUE_RATES.items():
        events = random.poisson(rate * np.exp(by_level * level + by_risk * risk))
        if kind == EventKind.FORCE.value:
            events = events + lethal
        seen = random.binomial(events, 1 - MISSED)
        found[kind] = random.poisson(news * (ROWS_AN_EVENT * seen + FALSE_ROWS[kind]))
    return found | {kind: random.poisson(news * rows) for kind, rows in OTHER_ROWS.items()}


def _ledger(
    counts: dict[str, Counts],
    regions: tuple[str, ...],
    source: str,
    lags: dict[int, float],
    random: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Return ledger rows for counts (weeks, regions) of each kind, spread over `lags`."""
    parts = []
    for kind, total in counts.items():
        shares = list(lags.values())
        late = total[..., None] if random is None else random.multinomial(total, shares)
        for place, lag in enumerate(lags):
            week, region = np.nonzero(late[..., place])
            monday = np.array([np.datetime64(FIRST_WEEK, "D")]) + 7 * week
            parts.append(
                pd.DataFrame(
                    {
                        "region": np.array(regions)[region],
                        "week": monday,
                        "last_week": monday,
                        "signal": f"{source}:{kind}",
                        "known_at": pd.to_datetime(monday + 6 + 7 * lag).tz_localize("UTC"),
                        "delta": late[week, region, place],
                    },
                    columns=list(COLUMNS),
                )
            )
    return pd.concat(parts, ignore_index=True)
