"""Warnings in the invented world, computed from panels without a store: fast, and for many seeds.

The served detector evaluates each Monday of the second year by what was known then, and the
packaged rules decide. All regions of the gazetteer are evaluated, but only the world's countries
have reports. Late and repeated reports are left to `first_warnings`. Seeds 0 to 9 were used to
choose the method, and other seeds are for the test.
"""

import sys
from collections.abc import Sequence
from datetime import date

import numpy as np

from benchmarks.gdelt_verdict import BAR, SentMessage, Verdict, judged, years_of
from benchmarks.gdelt_world import FIRST_DAY, KINDS, WEEKS, WEEKS_BEFORE, World, world
from benchmarks.rows import Row
from ewarn.alerting.severity import severity
from ewarn.alerting.trial import Replay
from ewarn.domain.kinds import signal, source_signals
from ewarn.domain.region import Level, Region
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score, SourceFooting
from ewarn.domain.source import Health
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.frames.panel import Panel
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run.rulebooks import read_rulebook
from models.detectors.detector import Detector

SOURCE = "gdelt"
FIRST_SEED, SEEDS = 400, 10
RETOLD = 1.3  # rows of each story


def main(seeds: int = SEEDS) -> list[Row]:
    """Return one row over so many worlds."""
    regions = load_gazetteer().regions()
    rules = [rule for rule in read_rulebook(None).rules if rule.detector]
    found: list[tuple[World, Verdict]] = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        planted = world(seed)
        found.append((planted, judged(planted, messages_of(planted, rules, regions))))
        verdict = found[-1][1]
        print(f"{seed}: {len(verdict.told)} told, {len(verdict.others)} others", file=sys.stderr)
    told = [len(verdict.told) for _, verdict in found]
    others = [len(verdict.others) / years_of(planted) for planted, verdict in found]
    last = FIRST_SEED + seeds - 1
    return [
        Row(
            f"surges told of within one run, panels of seeds {FIRST_SEED} to {last}",
            f"{np.mean(told):.1f} of {len(found[0][0].surges)}, {min(told)} to {max(told)} ({BAR})",
            f"{sum(each >= 10 for each in told)} of {seeds} worlds with 10 or more",
            f"{np.mean(others):.2f} other messages a country and year, at most {max(others):.2f}",
        )
    ]


def panel_of(planted: World, regions: Sequence[Region]) -> Panel:
    """Return the panel of the world's two years, in which all became known without delay."""
    weeks = (WEEKS, 7, len(planted.places))
    events = planted.events.reshape(*weeks, len(KINDS)).sum(axis=1)
    untracked = planted.untracked.reshape(weeks).sum(axis=1)
    records = (untracked + RETOLD * events.sum(axis=2)).astype(np.int32)
    index = {region.id: at for at, region in enumerate(regions)}
    signals = source_signals(SOURCE)
    at = [signals.index(signal(SOURCE, kind)) for kind in KINDS]
    counts = np.zeros((WEEKS, len(regions), len(signals)), np.int32)
    volume = np.zeros((WEEKS, len(regions)), np.int32)
    for number, place in enumerate(planted.places):
        for region in {place.id, place.country}:
            counts[:, index[region], at] += events[:, number]
        volume[:, index[place.country]] += records[:, number]
    return Panel(
        FIRST_DAY,
        tuple(region.id for region in regions),
        signals,
        {region.id: region.parent for region in regions if region.parent},
        counts,
        np.ones(counts.shape, np.bool_),
        volume=volume[:, [index[region.country] for region in regions]],
    )


def messages_of(
    planted: World, rules: Sequence[Rule], regions: Sequence[Region]
) -> list[SentMessage]:
    """Return the messages of rules on detectors in the second year, one a country and Monday."""
    panel, replay = panel_of(planted, regions), Replay(rules)
    for number in range(WEEKS_BEFORE + 1, WEEKS + 1):
        known = panel.until(FIRST_DAY + number * WEEK)
        heard = [score for level in Level for score in _alarms(known, level, replay)]
        replay.see(heard, midnight(known.origin))
    named: dict[tuple[str, date], list[Score]] = {}
    for score in replay.notified_of:
        named.setdefault((score.country, score.origin), []).append(score)
    return [
        SentMessage(
            country,
            day,
            any(score.level is Level.COUNTRY for score in scores),
            max(map(severity, scores), key=lambda band: band.rank),
        )
        for (country, day), scores in sorted(named.items())
    ]


def _alarms(panel: Panel, level: Level, replay: Replay) -> list[Score]:
    """Return the scores that a rule may act on: those of alarms, and of regions with an alert."""
    found = Detector(Target.ESCALATION, level, source=SOURCE).score(panel)
    assert found.false_discovery is not None
    borne = max(rule.false_discovery or 0.0 for rule in replay.rules)
    watched = replay.regions
    return [
        Score(
            region=region,
            country=panel.parents.get(region, region),
            target=Target.ESCALATION,
            horizon_weeks=4,
            origin=panel.origin,
            model="detector",
            basis=Basis.UNCALIBRATED,
            band=Band.UNCALIBRATED,
            probability=None,
            low=None,
            high=None,
            expected=float(found.expected[at]),
            upper=float(found.upper[at]),
            observed=int(found.observed[at]),
            completeness=1.0,
            sources=(SourceFooting(SOURCE, Health.OK, 1.0),),
            drivers=(),
            as_of=midnight(panel.origin),
            recorded_at=midnight(panel.origin),
            false_discovery=float(found.false_discovery[at]),
            id=f"{region} {panel.origin}",
        )
        for at, region in enumerate(found.regions)
        if found.false_discovery[at] <= borne or region in watched
    ]
