"""A simulated world whose truth is known, and two sources that report it. Nothing of it happened.

Risk of lethal force in each country has a level of its own, memory, and is stirred up by what came
before, there and next door. Protests, arrests and force rise with it. A source that a machine codes
misses events, invents others, reports the more the more news there are (which grows, at a pace of
each country's own), and part of it late. A source that people code tells nearly every lethal event,
and nothing since it ended. So it can be known how well a model that learns from both does on years
of which the second says nothing.
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
# Those who tell of other harm, what they call it, and what the machine takes it for.
OTHER_PEOPLE = "ucdp"
TELLS = {PEOPLE: FORCE_LETHAL, OTHER_PEOPLE: ATTACK_BY_STATE}
OTHER_NAMES = {"force": "attack", "attack": "force"}
FIRST_WEEK = date(2015, 2, 16)
PEOPLE_ENDED = date(2020, 3, 30)  # the first Monday of which they say nothing
BEFORE_WEEKS = 104  # that the world ran before anybody looked

MEMORY = 0.96  # of risk, from week to week
LEVELS = 0.9  # spread of the countries' own levels, in logarithms
SHOCKS = 0.25  # the same of the weekly shocks
LETHAL_RATE = 0.006  # a week, of a country of the usual level
BY_OWN, BY_NEAR, BY_ARREST = 0.15, 0.04, 0.02  # how much an event stirs up risk, which then fades
FADES, MOST_STIRRED = 0.85, 1.5

# Of each kind that the machine knows: true events a week at the usual level, and how they follow a
# country's level and its risk of today; rows that no event stands behind, for each unit of news.
TRUE_RATES = {"protest": (0.8, 0.4, 0.6), "arrest": (0.25, 0.6, 1.0), "force": (0.12, 0.8, 1.0)}
FALSE_ROWS = {"protest": 1.0, "arrest": 0.6, "force": 0.4}
OTHER_ROWS = {"dialogue": 4.0, "clash": 1.0, "attack": 1.0}
MISSED, ROWS_AN_EVENT = 0.4, 1.5
NEWS_SPREAD, NEWS_GROWTH, GROWTH_SPREAD = 1.0, 0.14, 0.05  # logarithms; the last two a year
LAGS = {0: 0.8, 1: 0.12, 4: 0.08}  # weeks until a row is known, and the share of rows
PEOPLE_SEE = 0.95

Counts = npt.NDArray[np.int64]
COLUMNS = ("region", "week", "last_week", "signal", "known_at", "delta")


@dataclass(frozen=True)
class SimulatedWorld:
    """What happened, `lethal` int64 (weeks, regions) from `FIRST_WEEK` on, and what each source
    told of it, as rows of a ledger; `told_by` is the source of the people.
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
        """What both sources knew, or the machine alone."""
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
        """Whether lethal force truly came in the weeks from `origin`, 0 or 1 (regions,)."""
        start = (origin - FIRST_WEEK).days // 7
        came = self.lethal[start : start + horizon_weeks].sum(axis=0) > 0
        return np.asarray(came, dtype=np.float64)

    def shuffled(self, seed: int) -> "SimulatedWorld":
        """The same world, in which people tell of as many events anywhere and at any time."""
        weeks = (PEOPLE_ENDED - FIRST_WEEK).days // 7
        told = np.zeros(weeks * len(self.regions), dtype=np.int64)
        told[: len(self.people)] = 1
        np.random.default_rng(seed).shuffle(told)
        spread = {TELLS[self.told_by]: told.reshape(weeks, -1)}
        return replace(self, people=_ledger(spread, self.regions, self.told_by, {0: 1.0}))


def simulated_world(
    seed: int, *, regions: int = 200, weeks: int = 530, told_by: str = PEOPLE
) -> SimulatedWorld:
    """A world of its own for each seed; where others tell of it, the harm has another name."""
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
    """Countries on a grid, three degrees apart."""
    across = 15
    return {
        name: (3.0 * (place // across), 3.0 * (place % across))
        for place, name in enumerate(regions)
    }


def _risk(random: np.random.Generator, level: FloatArray, weeks: int) -> tuple[FloatArray, Counts]:
    """Risk above each country's level, in logarithms, and lethal events, (weeks, regions)."""
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
    """Rows of each kind, (weeks, regions), whenever they came to be known."""
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
    """Rows of the ledger for counts (weeks, regions) of each kind, spread over `lags`."""
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
