"""What the messages of tried rules would have been worth to their recipients."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from ewarn.alerting.trial import Replay
from ewarn.domain.fit import Purpose
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.target import Target
from ewarn.domain.time import origin_at
from ewarn.pipeline.intake import health
from ewarn.pipeline.panels.panels import panel_at
from ewarn.pipeline.service import Service
from ewarn.store.scores import scores


@dataclass(frozen=True, slots=True)
class MessageTable:
    """The worth of messages about the scores of a purpose, by the name of the rules."""

    purpose: Purpose
    rows: Mapping[str, Any]


@dataclass
class Probabilities:
    """The probabilities of lethal force of all scored regions, by purpose and origin."""

    found: dict[Purpose, dict[date, dict[str, float | None]]] = field(default_factory=dict)

    def see(
        self, connection: Connection, runs: Mapping[str, int], rules: Iterable[Rule], origin: date
    ) -> None:
        """Add the probabilities of the runs of an origin, by source, that rules read."""
        asked = {(rule.level, rule.horizon_weeks) for rule in rules if rule.target is Target.FORCE}
        for source, run in runs.items():
            for level, weeks in asked:
                made = scores.probabilities(connection, run, Target.FORCE, weeks, level)
                if made:
                    purpose = Purpose(source, Target.FORCE, level, weeks)
                    self.found.setdefault(purpose, {})[origin] = made


def message_tables(
    service: Service,
    connection: Connection,
    scored: Probabilities,
    replays: Mapping[str, Replay],
    now: datetime,
) -> tuple[MessageTable, ...]:
    """Return the tables of messages of replays, by purpose; none if the service has no judge."""
    if service.judge is None:
        return ()
    tables = []
    for purpose, probability in sorted(scored.found.items()):
        messages = {
            name: [
                (score.region, score.origin)
                for score in replay.notified_of
                if _purpose(score) == purpose
            ]
            for name, replay in replays.items()
        }
        wanted = {region for made in probability.values() for region in made}
        countries = {service.places.get(name).country for name in wanted}
        # What happens in a subdivision counts for its country: both are needed at either level.
        regions = service.places.regions(countries=countries)
        polled = service.sources.get(purpose.source)
        covered = health.coverage(connection, purpose.source, polled, now)
        final, _ = panel_at(connection, purpose.source, regions, covered, origin_at(now), now)
        rows = service.judge.messages(final, purpose, probability, messages)
        tables.append(MessageTable(purpose, rows))
    return tuple(tables)


def _purpose(score: Score) -> Purpose:
    return Purpose(score.source, score.target, score.level, score.horizon_weeks)
