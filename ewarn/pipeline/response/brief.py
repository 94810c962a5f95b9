"""The verb `brief`: what an office needs to know of one country, composed on demand.

Everything is read as it was known at one moment, so that a brief of a past day never changes.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.alert import Alert, AlertState
from ewarn.domain.deployment import Deployment
from ewarn.domain.event import Event
from ewarn.domain.kinds import CALENDAR, PLANNED, EventKind, source_signals
from ewarn.domain.recommendation import BRIEFED, Recommendation
from ewarn.domain.region import Region
from ewarn.domain.score import Score
from ewarn.domain.target import ASKED_EVERYWHERE, Target
from ewarn.domain.time import WEEK, origin_at
from ewarn.egress.briefs import Brief, BriefAlert, BriefScore
from ewarn.egress.definition.shapes import outbound
from ewarn.languages.catalogues import complete_or_english, translation
from ewarn.notify.messages.labels import (
    band_words,
    basis_notices,
    driver_words,
    kind_words,
    target_words,
)
from ewarn.notify.messages.source_notices import (
    interim_words,
    joined,
    unobserved_words,
    unscored_words,
)
from ewarn.panel.ledger import from_ledger
from ewarn.pipeline.alerts import staleness
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.footing import footing
from ewarn.pipeline.scoring.unobserved import Unobserved, unobserved
from ewarn.pipeline.service import Service
from ewarn.response import labels
from ewarn.response.follow_up import overdue
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.events import counts
from ewarn.store.events.event_queries import EventFilter, current
from ewarn.store.response import deployments, recommendations
from ewarn.store.response.recommendations import RecommendationFilter
from ewarn.store.scores import score_pages, scores

Record = dict[str, Any]

WEEKS = 104
SERIES_SHOWN = 4
DRIVERS_NAMED = 3
LATELY = timedelta(days=90)
AHEAD = timedelta(days=365)
ALERTS_SHOWN = 8
RECOMMENDATIONS_SHOWN = 5
DEPLOYMENTS_SHOWN = 3
TEXT_SHOWN = 140  # characters of a recommendation: a brief is one page
_VOTES = frozenset(f"{CALENDAR}{what}" for what in ("vote", "deadline"))
_TOPIC = "topic:"


def brief(
    service: Service,
    country: Region,
    now: datetime,
    language: str,
    withheld: Sequence[str] = (),
    readers: Sequence[str] = ("",),
) -> Record:
    """Return the brief of a country at a moment, in a language.

    It has the scores of the newest origin, the series of the source behind the first score, alerts
    that are open or closed lately, open recommendations on assembly, detention and elections, votes
    within a year, and deployments with their effect.

    Args:
        withheld: Sources that are left out.
        readers: The brief has the alerts for these readers.
    """
    shown_in = complete_or_english(language)
    with service.store.read() as connection:
        found = _scores(connection, country, now, withheld)
        whole = [score for score in found if score.region == country.id]
        source = whole[0].sources[0].source if whole else None
        open_ones = _recommendations(connection, country, now)
        ground = footing(connection, service, (country.id,), now, readers)
        return outbound(
            Brief,
            {
                "country": country.id,
                "country_name": country.name_in(shown_in),
                "language": shown_in,
                "as_of": now,
                "notice": joined(
                    (
                        basis_notices({each.basis for each in found}, shown_in),
                        ground.notice(shown_in),
                    ),
                    shown_in,
                ),
                "unwell": ground.unwell,
                "scores": [_score(score, shown_in) for score in whole],
                "subdivisions": [
                    _subdivision(service, score, shown_in)
                    for score in found
                    if score.region != country.id
                    and score.target is ASKED_EVERYWHERE[0]
                    and score.sources[0].source == source
                ],
                "unobserved": [
                    _unobserved(each, shown_in)
                    for each in unobserved(
                        connection, service, [country], ASKED_EVERYWHERE, now, readers
                    )
                ],
                "series": _series(service, connection, country, source, now, shown_in),
                "alerts": _alerts(service, connection, country, now, shown_in, readers),
                "recommendations": [
                    _recommendation(item, now.date(), shown_in)
                    for item in open_ones[:RECOMMENDATIONS_SHOWN]
                ],
                "recommendations_left_out": max(0, len(open_ones) - RECOMMENDATIONS_SHOWN),
                "elections": _elections(service, connection, country, now, withheld, shown_in),
                "deployments": [
                    _deployment(item, shown_in)
                    for item in deployments.find(
                        connection, now, countries=[country.id], limit=DEPLOYMENTS_SHOWN
                    )
                ],
                "disclaimer": _disclaimer(shown_in),
            },
        )


def _disclaimer(language: str) -> str:
    return translation(language).gettext(
        "Boundaries and names shown imply no opinion on the legal status of any territory."
    )


def _scores(
    connection: Connection, country: Region, now: datetime, withheld: Sequence[str]
) -> list[Score]:
    """Return the newest scores of the country and its subdivisions, by source and target."""
    runs = scores.latest_runs(connection, Cut.at(now), interim=True)
    chosen = [run for source, run in sorted(runs.items()) if source not in withheld]
    found = score_pages.standing(connection, chosen, scores.ScoreFilter(countries=(country.id,)))
    order = {target: place for place, target in enumerate(Target)}
    return sorted(found, key=lambda each: (_source_order(each), order[each.target], each.region))


def _source_order(score: Score) -> tuple[bool, str]:
    """Sort key: sources with a probability come first."""
    return score.probability is None, score.sources[0].source


def _score(score: Score, language: str) -> Record:
    return outbound(
        BriefScore,
        score,
        target_words=target_words(score.target, language),
        band_words=band_words(score.band, language),
        drivers=[driver_words(driver, language) for driver in score.drivers[:DRIVERS_NAMED]],
        notice=_notice(score, language),
    )


def _notice(score: Score, language: str) -> str:
    if score.interim:
        return interim_words(score.as_of, language)
    return unobserved_words(language) if score.observed is None else ""


def _unobserved(missing: Unobserved, language: str) -> Record:
    return {
        "region": missing.region.id,
        "region_name": missing.region.name_in(language),
        "target_words": target_words(missing.target, language),
        "since": missing.since,
        "words": unscored_words(missing.since, language),
    }


def _subdivision(service: Service, score: Score, language: str) -> Record:
    return {
        "region": score.region,
        "region_name": service.places.get(score.region).name_in(language),
        "band": score.band,
        "band_words": band_words(score.band, language),
        "probability": score.probability,
    }


def _series(
    service: Service,
    connection: Connection,
    country: Region,
    source: str | None,
    now: datetime,
    language: str,
) -> Record | None:
    """Return the busiest weekly series of a source; None without a source."""
    if source is None:
        return None
    origin = origin_at(now)
    first_week = origin - WEEKS * WEEK
    own = [item.id for item in service.places.regions(countries=[country.id])]
    deltas = counts.counts(
        connection, Cut.at(now), sources=[source], regions=own, since_week=first_week
    )
    panel = from_ledger(
        deltas,
        regions=[country.id],
        parents=service.places.parents,
        signals=[name for name in source_signals(source) if name.count(":") == 1],
        first_week=first_week,
        origin=origin,
        coverage=health.coverage(connection, source, service.sources.get(source), now),
    )
    totals = {name: int(panel.series(name).sum()) for name in panel.signals}
    busy = sorted((name for name in totals if totals[name]), key=lambda name: -totals[name])
    shown = [name for name in panel.signals if name in busy[:SERIES_SHOWN]] or panel.signals[:1]
    series = []
    for name in shown:
        seen = panel.was_observed(name)[:, 0].tolist()
        numbers = panel.series(name)[:, 0].tolist()
        counted = [number if here else None for number, here in zip(numbers, seen, strict=True)]
        series.append({"signal": name, "words": kind_words(name, language), "counts": counted})
    weeks = [panel.week(index) for index in range(panel.weeks)]
    return {"source": source, "weeks": weeks, "series": series}


def _alerts(
    service: Service,
    connection: Connection,
    country: Region,
    now: datetime,
    language: str,
    readers: Sequence[str],
) -> list[Record]:
    """Return alerts that are open, then those closed lately."""
    wanted = alerts.AlertFilter(countries=(country.id,), readers=tuple(readers))
    listed = alerts.find(connection, wanted, now)
    old = staleness.overdue(staleness.valid_until(connection, service, now), now)
    found = staleness.with_staleness(connection, service, listed, old, now)
    standing = [alert for alert in found if alert.is_standing]
    since = (now - LATELY).date()
    closed = [
        alert
        for alert in found
        if alert.state is AlertState.CLOSED and (alert.closed_on or date.min) >= since
    ]
    # The alert of the whole country comes before those of its parts, then the highest level first.
    standing.sort(key=lambda each: (each.region != country.id, -each.band.rank))
    return [_alert(service, each, language) for each in (*standing, *closed)[:ALERTS_SHOWN]]


def _alert(service: Service, alert: Alert, language: str) -> Record:
    return outbound(
        BriefAlert,
        alert,
        region_name=service.places.get(alert.region).name_in(language),
        target_words=target_words(alert.target, language),
        state_words=labels.state_words(alert.state, language),
        band=alert.highest,
        band_words=band_words(alert.highest, language),
    )


def _recommendations(
    connection: Connection, country: Region, now: datetime
) -> list[Recommendation]:
    """Return open recommendations on the themes of a brief, those due first in front."""
    wanted = RecommendationFilter(themes=BRIEFED, is_open=True)
    found = recommendations.find(connection, now, wanted, countries=[country.id])
    return sorted(found, key=lambda item: (item.due_on or date.max, item.id))


def _recommendation(item: Recommendation, today: date, language: str) -> Record:
    late = overdue([item], today)
    return {
        "id": item.id,
        "body_words": labels.body_words(item.body, language),
        "reference": item.reference,
        "text": shorten(item.text, TEXT_SHOWN, placeholder="…"),
        "theme_words": labels.theme_words(item.theme, language),
        "owner": labels.role_words(item.owner, language),
        "due_on": item.due_on,
        "status_words": labels.status_words(item.status, language),
        "days_overdue": max((each.days for each in late), default=None),
    }


def _elections(
    service: Service,
    connection: Connection,
    country: Region,
    now: datetime,
    withheld: Sequence[str],
    language: str,
) -> list[Record]:
    """Return votes and deadlines of votes within a year, as far as a calendar had them by now."""
    wanted = EventFilter(
        countries=(country.id,),
        kinds=(EventKind.ELECTION.value,),
        since=now.date(),
        until=(now + AHEAD).date(),
        without_sources=tuple(withheld),
        without_tag=PLANNED,
    )
    found = [
        event
        for event in current(connection, Cut.at(now), wanted)
        if _VOTES.intersection(event.tags)
    ]
    return [_election(service, event, language) for event in reversed(found)]


def _election(service: Service, event: Event, language: str) -> Record:
    what = next(tag for tag in event.tags if tag in _VOTES).removeprefix(CALENDAR)
    topics = [tag.removeprefix(_TOPIC) for tag in event.tags if tag.startswith(_TOPIC)]
    return {
        "day": event.occurred_on,
        "last_day": event.ended_on,
        "precision": event.date_precision,
        "topic": topics[0] if topics else "election",
        "what": what,
        "region_name": service.places.get(event.region).name_in(language),
        "summary": event.summary,
    }


def _deployment(item: Deployment, language: str) -> Record:
    proposal = item.proposal
    effect = item.effect
    notice: Mapping[str, str] = proposal.notice
    return {
        "id": item.id,
        "stage": item.stage,
        "stage_words": labels.stage_words(item.stage, language),
        "team_words": labels.team_words(proposal.team, language),
        "length_weeks": proposal.length_weeks,
        "consent_of": labels.role_words(proposal.consent_of, language),
        "owner": labels.role_words(proposal.owner, language),
        "proposed_on": item.proposed_on,
        "deployed_on": item.deployed_on,
        "planned_end": item.planned_end,
        "ended_on": item.ended_on,
        "next_review": item.next_review,
        "verdict": effect and effect.verdict,
        "verdict_words": effect and labels.verdict_words(effect.verdict, language),
        "reasons": list(effect.reasons) if effect else [],
        "notice": notice.get(language, notice.get("en", "")),
    }
