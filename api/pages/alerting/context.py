"""The words and functions that the templates of alerts, silences and rules share."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from api.pages.alerting.event_words import (
    event_actor,
    event_reason,
    unsent_reason,
)
from api.pages.alerting.silences import LASTS, can_end
from api.pages.page import WebPage
from api.pages.wording import PageWording
from ewarn.domain.deployment import Stage
from ewarn.notify.messages.labels import change_words
from ewarn.response.labels import assessment_words, stage_words, team_words


def alerting_context(page: WebPage) -> dict[str, Any]:
    """Return what the templates need besides the data of the page."""
    language = page.language
    words = PageWording(page.state, language)
    return {
        "place_words": words.place,
        "state_words": words.alert_state,
        "stage_words": lambda stage: stage_words(Stage(stage), language),
        "assessment_words": partial(assessment_words, language=language),
        "change_words": lambda kind: change_words(kind, language) if kind else "",
        "health_words": words.health,
        "team_words": lambda team: team_words(tuple(team), language),
        "event_reason": partial(event_reason, language=language),
        "event_actor": partial(event_actor, language=language),
        "unsent_reason": partial(unsent_reason, language=language),
        "driver_words": words.driver,
        "delivery_words": partial(_delivery_words, page),
        "lasts": LASTS,
        "can_end": partial(can_end, page),
    }


def _delivery_words(page: WebPage, state: str) -> str:
    words: Mapping[str, str] = {
        "waiting": page.gettext("waiting"),
        "delivered": page.gettext("delivered"),
        "dead": page.gettext("not delivered"),
    }
    return words[state]
