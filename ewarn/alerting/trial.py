"""Rules applied to past scores: which alerts they would have opened, compared with others. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from statistics import median

from ewarn.alerting.decide import decide
from ewarn.alerting.suppression import suppression_of
from ewarn.domain.alert import HIT_WEEKS, WARNINGS, Alert, AlertState, ChangeKind, was_false
from ewarn.domain.rule import Rule
from ewarn.domain.score import Score
from ewarn.domain.time import DAY, WEEK, YEAR

# Returns whether the alert's target happened within its horizon, after the score of the episode's
# source and region at an origin; None if nobody observed it, or it cannot be known yet.
Outcome = Callable[["Episode", date], bool | None]


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert as a replay left it.

    `source` is the source whose score opened it, `raises` how often it warned again.
    """

    alert: Alert
    source: str
    raises: int = 0

    @property
    def opened_on(self) -> date:
        """Return the origin at which it opened."""
        assert self.alert.opened_on is not None  # a replay has only alerts that opened
        return self.alert.opened_on


class Replay:
    """Apply rules to one origin after another, starting with no open alert.

    `alerting.decide` makes the decisions. `notified_of` holds the scores of the warnings that
    people would have been notified of, one for each message.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.notified_of: list[Score] = []
        self._known: dict[tuple[str, str, str], Alert] = {}
        self._episodes: dict[str, Episode] = {}

    @property
    def episodes(self) -> list[Episode]:
        """Return all alerts that opened, the earliest first."""
        found = self._episodes.values()
        return sorted(found, key=lambda each: (each.opened_on, each.alert.rule, each.alert.region))

    @property
    def opened(self) -> int:
        """Return how many alerts opened."""
        return len(self._episodes)

    @property
    def regions(self) -> set[str]:
        """Return the regions with an alert that is not closed: their scores matter, however low."""
        return {each.region for each in self._known.values() if each.state is not AlertState.CLOSED}

    def see(self, scores: Iterable[Score], now: datetime) -> None:
        """Decide on the scores of the next origin."""
        by_id = {score.id: score for score in scores}
        before = {alert.id: alert for alert in self._known.values()}
        for change in decide(by_id.values(), self._known.values(), self.rules, now):
            alert = change.alert
            is_notified = suppression_of(change, before.get(alert.id), ()) is None
            if change.kind in WARNINGS and is_notified:
                self.notified_of.append(by_id[alert.score_id])
            self._keep(alert)
            if change.kind is ChangeKind.OPENED:
                self._episodes[alert.id] = Episode(alert, by_id[alert.score_id].source)
            elif alert.id in self._episodes:
                known = self._episodes[alert.id]
                raised = known.raises + (change.kind in WARNINGS)
                self._episodes[alert.id] = replace(known, alert=alert, raises=raised)

    def _keep(self, alert: Alert) -> None:
        """Store the alerts that a decision needs: the current, last withdrawn and last closed."""
        place = (alert.rule, alert.region)
        if alert.state is not AlertState.CLOSED:
            self._known[*place, "current"] = alert
            return
        self._known.pop((*place, "current"), None)
        self._known[*place, "withdrawn" if alert.closed_on is None else "closed"] = alert


def weeks_open(alert: Alert, settled: date) -> tuple[list[date], bool]:
    """Return the origins at which an alert was open and whose outcomes can be known.

    Args:
        settled: The first origin whose outcome cannot be known yet.

    Returns:
        The origins from the opening to before the close, and whether these are all of them.
    """
    assert alert.opened_on is not None  # callers ask only about alerts that opened
    is_over = alert.closed_on is not None and alert.closed_on <= settled
    end = alert.closed_on if alert.closed_on is not None and is_over else settled
    return [alert.opened_on + n * WEEK for n in range((end - alert.opened_on).days // 7)], is_over


@dataclass(frozen=True, slots=True)
class EpisodeOutcome:
    """What an episode proved to be.

    `false` is None if it cannot be known. `lead_days` are the least and the most days from the
    opening to the first event that was warned of: when it happened is known only to within a
    score's horizon.
    """

    false: bool | None
    lead_days: tuple[int, int] | None


def judged(episode: Episode, outcome: Outcome, settled: date) -> EpisodeOutcome:
    """Evaluate an episode by the outcomes of the weeks in which it was open."""
    weeks, is_over = weeks_open(episode.alert, settled)
    known = [(week, came) for week in weeks if (came := outcome(episode, week)) is not None]
    false = was_false((came for _, came in known), is_over=is_over)
    first = next((week for week, came in known[:HIT_WEEKS] if came), None)
    if first is None:
        return EpisodeOutcome(false, None)
    earliest = (first - episode.opened_on).days
    return EpisodeOutcome(false, (earliest, earliest + 7 * episode.alert.horizon_weeks))


@dataclass(frozen=True, slots=True)
class RulesTally:
    """What some rules did in a span of time.

    Months have 365.25 / 12 days. Shares by rule or region are left to the caller. `lead_days` are
    (median, least, most), each as (from, to).
    """

    alerts: int
    a_month: float
    raises: int
    closes: int
    true: int
    false: int
    not_judged: int
    false_a_year: float | None
    lead_days: tuple[tuple[float, float], tuple[int, int], tuple[int, int]] | None


def tallied(
    episodes: Sequence[Episode], judgements: Sequence[EpisodeOutcome], days: int, settled_days: int
) -> RulesTally:
    """Count episodes and their outcomes over a span of time.

    Args:
        judgements: The outcomes of the episodes, in the same order.
        days: The length of the span.
        settled_days: How many of these days, from the first, can be evaluated.
    """
    falses = [each.false for each in judgements]
    leads = [each.lead_days for each in judgements if each.lead_days is not None]
    return RulesTally(
        alerts=len(episodes),
        a_month=round(len(episodes) / (days / (YEAR / 12 / DAY)), 3),
        raises=sum(each.raises for each in episodes),
        closes=sum(each.alert.state is AlertState.CLOSED for each in episodes),
        true=falses.count(False),
        false=falses.count(True),
        not_judged=falses.count(None),
        false_a_year=round(falses.count(True) / (settled_days / (YEAR / DAY)), 2)
        if settled_days > 0
        else None,
        lead_days=_leads(leads) if leads else None,
    )


def _leads(
    leads: Sequence[tuple[int, int]],
) -> tuple[tuple[float, float], tuple[int, int], tuple[int, int]]:
    middle = (median(low for low, _ in leads), median(high for _, high in leads))
    return middle, min(leads), max(leads)


@dataclass(frozen=True, slots=True)
class Difference:
    """Alerts that only one of two sets of rules opens, and those that both open on different days.

    Pairs are (episode of the one set, episode of the other).
    """

    only_one: tuple[Episode, ...]
    only_other: tuple[Episode, ...]
    earlier: tuple[tuple[Episode, Episode], ...]
    later: tuple[tuple[Episode, Episode], ...]


def difference(one: Sequence[Episode], other: Sequence[Episode]) -> Difference:
    """Compare the alerts of two sets of rules.

    Two episodes are the same alert if they have one region, target and horizon, and were open at
    the same time, whatever the rule is called.
    """
    left: dict[tuple[str, str, int], dict[int, Episode]] = {}  # by what they warn of and position
    for at, theirs in enumerate(other):
        left.setdefault(_subject(theirs), {})[at] = theirs
    alone, pairs = [], []
    for mine in one:
        there = left.get(_subject(mine), {})
        matching = {at: theirs for at, theirs in there.items() if _overlap(mine, theirs)}
        if not matching:
            alone.append(mine)
            continue
        nearest = min(matching, key=lambda at: _distance(mine, matching[at]))
        pairs.append((mine, there.pop(nearest)))
    unmatched = sorted(at for there in left.values() for at in there)
    return Difference(
        only_one=tuple(alone),
        only_other=tuple(other[at] for at in unmatched),
        earlier=tuple(pair for pair in pairs if pair[0].opened_on < pair[1].opened_on),
        later=tuple(pair for pair in pairs if pair[0].opened_on > pair[1].opened_on),
    )


def _subject(episode: Episode) -> tuple[str, str, int]:
    alert = episode.alert
    return alert.region, alert.target, alert.horizon_weeks


def _overlap(one: Episode, other: Episode) -> bool:
    """Return whether both were open at the same time."""
    first, second = one.alert, other.alert
    return one.opened_on <= (second.closed_on or date.max) and other.opened_on <= (
        first.closed_on or date.max
    )


def _distance(one: Episode, other: Episode) -> tuple[bool, int]:
    return one.alert.rule != other.alert.rule, abs((one.opened_on - other.opened_on).days)
