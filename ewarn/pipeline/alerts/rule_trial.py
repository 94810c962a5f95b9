"""Try rules on the stored history of scores, beside those in force. Nothing is stored.

At each origin the newest run of each source counts, as recorded. Both sets of rules begin with no
open alert, and rules with a budget have their thresholds of now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.alerting.conditions import applies_to
from ewarn.alerting.trial import (
    Difference,
    Episode,
    EpisodeOutcome,
    Replay,
    RulesTally,
    difference,
    judged,
    tallied,
    weeks_open,
)
from ewarn.domain.alert import HIT_WEEKS
from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.time import WEEK, midnight, origin_at
from ewarn.errors import UsageError
from ewarn.languages import refused_acts
from ewarn.pipeline.alerts.alert import scores_for_rules
from ewarn.pipeline.models.budget import require_thresholds, sources_scored, with_thresholds
from ewarn.pipeline.models.fit import MATURE_WEEKS
from ewarn.pipeline.models.judge import outcomes_of
from ewarn.pipeline.models.trial_messages import MessageTable, Probabilities, message_tables
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import outcomes, scores
from ewarn.store.scores.outcomes import CountedRun
from ewarn.store.scores.score_past import with_past

Runs = dict[tuple[str, date], CountedRun]  # the run of a source at an origin
Found = dict[tuple[Purpose, str, date], bool | None]  # outcomes by purpose, region and origin


@dataclass(frozen=True, slots=True)
class RulesOutlook:
    """What one set of rules would have done: in total, by rule and by region."""

    rules: tuple[Rule, ...]
    episodes: tuple[Episode, ...]
    whole: RulesTally
    by_rule: Mapping[str, RulesTally]
    by_region: Mapping[str, RulesTally]


@dataclass(frozen=True, slots=True)
class TrialReport:
    """The rules that were tried beside those in force, over the origins of a span of days."""

    first: date
    last: date
    origins: int
    tried: RulesOutlook
    in_force: RulesOutlook
    difference: Difference
    messages: tuple[MessageTable, ...]


def try_rules(
    service: Service,
    rules: Sequence[Rule],
    span: tuple[date, date],
    now: datetime,
    step: Callable[[int, int], None] = lambda _done, _all: None,
    *,
    most_alerts: int | None = None,
) -> TrialReport:
    """Try rules on the origins of a span of days.

    Args:
        span: The first and the last day, both included.
        step: Called after each origin with the number of origins done and in total.
        most_alerts: The most alerts that the rules may open, so that a trial ends in time.

    Raises:
        UsageError: There are no scores in the span, or the rules open too many alerts.
        SettingsError: No threshold fits a budget.
    """
    with service.store.read() as connection:
        origins = _origins(connection, span, now)
        pair = [
            Replay(_with_current_thresholds(service, connection, each, now))
            for each in (rules, None)
        ]
        runs: Runs = {}
        scored = Probabilities()
        for done, origin in enumerate(origins):
            _see(service, connection, pair, origin, (runs, scored), now)
            step(done, len(origins))
            if most_alerts is not None and pair[0].opened > most_alerts:
                raise UsageError(
                    refused_acts.TOO_MANY_ALERTS(first=origins[0], last=origin, most=most_alerts)
                )
        named = dict(zip(("the rules tried", "the rules in force"), pair, strict=True))
        messages = message_tables(service, connection, scored, named, now)
        episodes = [episode for replay in pair for episode in replay.episodes]
        found = _outcomes(service, connection, episodes, runs, now)
    tried, in_force = (_outlook(replay, found, origins, now) for replay in pair)
    return TrialReport(
        first=origins[0],
        last=origins[-1],
        origins=len(origins),
        tried=tried,
        in_force=in_force,
        difference=difference(tried.episodes, in_force.episodes),
        messages=messages,
    )


def _origins(connection: Connection, span: tuple[date, date], now: datetime) -> list[date]:
    stored = scores.origins(connection, Cut(None, now))
    first, last = span
    found = [origin for origin in stored if first <= origin <= last]
    if found:
        return found
    if not stored:
        raise UsageError(refused_acts.NO_SCORES(first=first, last=last))
    begins, ends = stored[0], stored[-1]
    raise UsageError(refused_acts.NO_SCORES_THEN(first=first, last=last, begins=begins, ends=ends))


def _with_current_thresholds(
    service: Service, connection: Connection, rules: Sequence[Rule] | None, now: datetime
) -> tuple[Rule, ...]:
    """Return rules (None: those in force) with the thresholds that their budgets give now."""
    on = origin_at(now)
    cut = Cut(midnight(on), now)
    stated = service.rulebook.rules if rules is None else rules
    sources = sources_scored(connection, cut)
    answer = with_thresholds(service, connection, stated, sources, cut, on)
    if rules is not None:
        require_thresholds(answer)
    return answer.rules


def _see(
    service: Service,
    connection: Connection,
    pair: Sequence[Replay],
    origin: date,
    seen: tuple[Runs, Probabilities],
    now: datetime,
) -> None:
    runs, scored = seen
    newest = scores.latest_runs(connection, Cut(None, now), origin=origin)
    latest = {source: run for source, run in newest.items() if service.is_open(source)}
    rules = [rule for replay in pair for rule in replay.rules]
    watched = {region for replay in pair for region in replay.regions}
    found = scores_for_rules(connection, list(latest.values()), rules, watched)
    found = _with_past(connection, found, rules, now)
    for score in found:
        known = CountedRun(0, score.source, origin, score.recorded_at)
        runs.setdefault((score.source, origin), known)
    for replay in pair:
        replay.see(found, midnight(origin))
    scored.see(connection, latest, rules, origin)


def _with_past(
    connection: Connection, found: Sequence[Score], rules: Sequence[Rule], now: datetime
) -> list[Score]:
    """Return scores with the probabilities before them, where a rule on rises reads these.

    To read twelve weeks of every score again at each origin would take most of the time.
    """
    rising = [rule for rule in rules if rule.rise is not None]
    asked = [score for score in found if any(applies_to(rule, score) for rule in rising)]
    known = {score.id: score for score in with_past(connection, Cut(None, now), asked)}
    return [known.get(score.id, score) for score in found]


def _purpose(episode: Episode) -> Purpose:
    alert = episode.alert
    level = Level.COUNTRY if alert.region == alert.country else Level.ADMIN1
    return Purpose(episode.source, alert.target, level, alert.horizon_weeks)


def _immature_from(horizon_weeks: int, now: datetime) -> date:
    """Return the first origin whose scores of a horizon cannot be evaluated yet."""
    return origin_at(now) - (horizon_weeks + MATURE_WEEKS - 1) * WEEK


def _outcomes(
    service: Service,
    connection: Connection,
    episodes: Sequence[Episode],
    runs: Runs,
    now: datetime,
) -> Found:
    """Return the outcomes of the scores in the weeks of alerts.

    Stored outcomes are used; others are counted in the same way, for the first thirteen weeks of
    each alert, which decide.
    """
    found: Found = {}
    for purpose in {_purpose(episode) for episode in episodes}:
        regions = {each.alert.region for each in episodes if _purpose(each) == purpose}
        stored = outcomes.of_regions(connection, purpose, regions)
        found |= {(purpose, region, origin): came for (region, origin), came in stored.items()}
    if service.judge is None:
        return found
    for run, wanted in _uncounted(episodes, runs, found, now):
        counted = outcomes_of(service, connection, service.judge, run, wanted, now)
        for purpose, names in wanted.items():
            for region, came in zip(names, counted[purpose], strict=True):
                found[purpose, region, run.origin] = came
    return found


def _uncounted(
    episodes: Sequence[Episode], runs: Runs, found: Found, now: datetime
) -> Iterator[tuple[CountedRun, dict[Purpose, list[str]]]]:
    """Yield runs with the regions whose outcome is not stored, by purpose."""
    wanted: dict[tuple[str, date], dict[Purpose, set[str]]] = {}
    for episode in episodes:
        purpose, region = _purpose(episode), episode.alert.region
        weeks, _ = weeks_open(episode.alert, _immature_from(purpose.horizon_weeks, now))
        for origin in weeks[:HIT_WEEKS]:
            if (purpose, region, origin) not in found and (episode.source, origin) in runs:
                of_run = wanted.setdefault((episode.source, origin), {})
                of_run.setdefault(purpose, set()).add(region)
    for at, by_purpose in sorted(wanted.items()):
        yield runs[at], {purpose: sorted(names) for purpose, names in by_purpose.items()}


def _outlook(replay: Replay, found: Found, origins: Sequence[date], now: datetime) -> RulesOutlook:
    def outcome(episode: Episode, origin: date) -> bool | None:
        return found.get((_purpose(episode), episode.alert.region, origin))

    episodes = replay.episodes
    days = (origins[-1] - origins[0] + WEEK).days
    judgements = {
        each.alert.id: judged(each, outcome, _immature_from(each.alert.horizon_weeks, now))
        for each in episodes
    }
    longest = max((rule.horizon_weeks for rule in replay.rules), default=0)
    mature_until = min(origins[-1] + WEEK, _immature_from(longest, now))
    mature_days = max(0, (mature_until - origins[0]).days)

    def tally(chosen: Sequence[Episode]) -> RulesTally:
        mine: list[EpisodeOutcome] = [judgements[each.alert.id] for each in chosen]
        return tallied(chosen, mine, days, mature_days)

    by_rule = _grouped(episodes, lambda each: each.alert.rule)
    by_region = _grouped(episodes, lambda each: each.alert.region)
    return RulesOutlook(
        rules=tuple(replay.rules),
        episodes=tuple(episodes),
        whole=tally(episodes),
        by_rule={rule.id: tally(by_rule.get(rule.id, ())) for rule in replay.rules},
        by_region={name: tally(by_region[name]) for name in sorted(by_region)},
    )


def _grouped(
    episodes: Iterable[Episode], name_of: Callable[[Episode], str]
) -> dict[str, list[Episode]]:
    found: dict[str, list[Episode]] = {}
    for each in episodes:
        found.setdefault(name_of(each), []).append(each)
    return found
