"""Reminders of overdue recommendations and reviews, as news for those who follow them up."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from textwrap import shorten
from typing import Any

from sqlalchemy import Connection

from ewarn.domain.notification import About, News
from ewarn.pipeline.delivery.notifications import notify
from ewarn.pipeline.service import Service
from ewarn.response.follow_up import Overdue, overdue, overdue_reviews
from ewarn.response.labels import role_words
from ewarn.store.response import deployments, recommendations
from ewarn.store.response.recommendations import RecommendationFilter

LONGEST_TITLE = 160  # characters; a reminder names a recommendation and does not repeat its text


def follow_up(service: Service, now: datetime) -> int:
    """Notify of what is overdue, once for each date, and return the number of notifications."""
    with service.store.write() as connection:
        made = notify(connection, service, reminders(connection, service, now), now)
    return len(made)


def reminders(connection: Connection, service: Service, now: datetime) -> list[News]:
    """Return the news of what is overdue at a moment, the longest overdue first.

    An overdue date is one occasion: people are notified of it once, and again only when it has a
    new date.
    """
    today = now.date()
    is_open = RecommendationFilter(is_open=True)
    late = overdue(recommendations.find(connection, now, is_open), today)
    late += overdue_reviews(deployments.find(connection, now), today)
    return [_news(service, each) for each in sorted(late, key=lambda each: (each.due_on, each.id))]


def _news(service: Service, late: Overdue) -> News:
    return News(
        about=About.FOLLOW_UP,
        thread=late.id,
        occasion=f"{late.kind} {late.due_on}",
        countries=(late.country,),
        facts=partial(_facts, service, late),
        region=late.country,
    )


def _facts(service: Service, late: Overdue, language: str) -> Mapping[str, Any]:
    country = service.places.get(late.country)
    return {
        "type": f"follow_up.{late.kind}",
        "id": late.id,
        "kind": late.kind,
        "title": _short(late, language),
        "country": late.country,
        "country_name": country.name_in(language),
        "owner": role_words(late.owner, language),
        "due_on": late.due_on.isoformat(),
        "days_overdue": late.days,
        "link": f"{service.base_url}/response?where={late.country}",
    }


def _short(late: Overdue, language: str) -> str:
    text = ", ".join(role_words(role, language) for role in late.roles) or late.text
    return shorten(text, LONGEST_TITLE, placeholder="…")
