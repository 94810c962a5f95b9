"""From changes of alerts to the notifications of those who are to hear of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ewarn.domain.alert import Change
from ewarn.domain.delivery import Notification
from ewarn.domain.score import Score
from ewarn.notify.facts import Occasion
from ewarn.notify.messages import notifications
from ewarn.pipeline.service import Service


@dataclass(frozen=True, slots=True)
class Told:
    """A change, the score behind it, and why nobody was told of it (None: they were)."""

    change: Change
    score: Score
    muted: str | None


def notifications_of(
    service: Service, made: Sequence[Told], now: datetime
) -> list[tuple[str, Notification]]:
    """The notifications of changes that are not muted, each with its endpoint.

    A change under a rule that is gone is told to the offices of every rule: to all that cover it.
    """
    rules = {rule.id: rule for rule in service.rulebook.rules}
    channels = frozenset(service.notifiers)
    sent: list[tuple[str, Notification]] = []
    for told in made:
        if told.muted is not None:
            continue
        alert = told.change.alert
        rule = rules.get(alert.rule)
        playbook = service.rulebook.playbooks.get((rule and rule.playbook) or "")
        occasion = Occasion(
            change=told.change,
            score=told.score,
            region=service.places.get(alert.region),
            suggestion=playbook.suggestion if playbook else {},
            base_url=service.base_url,
        )
        offices = service.rulebook.offices_of(rule) if rule else service.rulebook.offices
        made_now = notifications(occasion, tuple(offices), channels, now)
        sent += [(f"{each.channel}:{each.recipient}", each) for each in made_now]
    return sent
