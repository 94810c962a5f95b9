"""From deployments and recommendations to what leaves, all through egress."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from api.records.records import Record
from api.serving.state import ApiState
from ewarn.domain.deployment import Deployment
from ewarn.domain.effect import Effect
from ewarn.domain.recommendation import Recommendation
from ewarn.egress import outbound
from ewarn.pipeline.response.recommendations import TakenIn
from ewarn.response.follow_up import overdue
from ewarn.store.response.deployments import StoredStep
from ewarn.store.response.recommendations import StoredChange


def deployment_record(
    state: ApiState, item: Deployment, steps: Sequence[StoredStep] | None = None
) -> Record:
    """A deployment, with its steps where they are given."""
    values = asdict(item.proposal) | {
        "id": item.id,
        "country_name": state.places.get(item.country).name,
        "stage": item.stage,
        "proposed_on": item.proposed_on,
        "deployed_on": item.deployed_on,
        "planned_end": item.planned_end,
        "ended_on": item.ended_on,
        "next_review": item.next_review,
        "effect": None if item.effect is None else _effect(item.effect),
        "notice": item.proposal.notice.get("en", ""),
    }
    if steps is not None:
        values["steps"] = [_step(each) for each in steps]
    return outbound("deployment", values)


def recommendation_record(
    item: Recommendation, today: date, history: Sequence[StoredChange] | None = None
) -> Record:
    """A recommendation and how many days it is overdue, with its history where it is given."""
    late = overdue([item], today)
    values = asdict(item) | {"days_overdue": max((each.days for each in late), default=None)}
    if history is not None:
        values["history"] = [_change(each) for each in history]
    return outbound("recommendation", values)


def taken_in_record(found: TakenIn) -> Record:
    """What a file brought."""
    return outbound("taken_in", asdict(found))


def _step(stored: StoredStep) -> Record:
    step = stored.step
    return outbound(
        "step",
        {
            "sequence": stored.sequence,
            "kind": step.kind,
            "on": step.on,
            "at": step.at,
            "actor": step.actor,
            "reason": step.reason,
            "hash": stored.hash,
        },
    )


def _effect(found: Effect) -> Record:
    study = found.study
    return outbound(
        "effect",
        {
            "verdict": found.verdict,
            "reasons": list(found.reasons),
            "cautions": list(found.cautions),
            "estimates": [asdict(each) for each in found.estimates],
            "source": study.source,
            "outcome": study.outcome,
            "first_week": study.first_week,
            "start": study.start,
            "end": study.end,
        },
    )


def _change(stored: StoredChange) -> Record:
    change = stored.change
    return outbound(
        "recommendation_change",
        {
            "sequence": stored.sequence,
            "act": change.act,
            "at": change.at,
            "actor": change.actor,
            "reason": change.reason,
            "status": change.recommendation.status,
            "hash": stored.hash,
        },
    )
