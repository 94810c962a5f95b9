"""Records of deployments and recommendations."""

from collections.abc import Sequence
from datetime import date

from api.records.records import Record
from api.serving.state import ApiState
from ewarn.domain.deployment import Deployment
from ewarn.domain.effect import Effect
from ewarn.domain.recommendation import Recommendation
from ewarn.egress.definition.shapes import outbound
from ewarn.egress.response import (
    ChangeRecord,
    DeploymentWithSteps,
    EffectRecord,
    RecommendationImportRecord,
    RecommendationWithHistory,
    StepRecord,
)
from ewarn.languages.catalogues import ENGLISH
from ewarn.pipeline.response.recommendations import RecommendationImport
from ewarn.response.follow_up import overdue
from ewarn.store.response.deployments import StoredStep
from ewarn.store.response.recommendations import StoredChange


def deployment_record(
    state: ApiState,
    item: Deployment,
    language: str,
    steps: Sequence[StoredStep] | None = None,
) -> Record:
    """Return the record of a deployment, with its notice in a language, and its steps if given.

    The notice is in English if it was not recorded in the language.
    """
    notice = item.proposal.notice
    others = {} if steps is None else {"steps": [_step(each) for each in steps]}
    return outbound(
        DeploymentWithSteps,
        item.proposal,
        id=item.id,
        country_name=state.places.get(item.country).name,
        stage=item.stage,
        proposed_on=item.proposed_on,
        deployed_on=item.deployed_on,
        planned_end=item.planned_end,
        ended_on=item.ended_on,
        next_review=item.next_review,
        effect=item.effect and _effect(item.effect),
        notice=notice.get(language) or notice.get(ENGLISH, ""),
        **others,
    )


def recommendation_record(
    item: Recommendation, today: date, history: Sequence[StoredChange] | None = None
) -> Record:
    """Return the record of a recommendation, with the days it is overdue.

    The history is added if it is given.
    """
    late = overdue([item], today)
    days = max((each.days for each in late), default=None)
    others = {} if history is None else {"history": [_change(each) for each in history]}
    return outbound(RecommendationWithHistory, item, days_overdue=days, **others)


def taken_in_record(found: RecommendationImport) -> Record:
    """Return the record of an import of recommendations."""
    return outbound(RecommendationImportRecord, found)


def _step(stored: StoredStep) -> Record:
    return outbound(StepRecord, stored.step, sequence=stored.sequence, hash=stored.hash)


def _effect(found: Effect) -> Record:
    study = found.study
    return outbound(
        EffectRecord,
        found,
        source=study.source,
        outcome=study.outcome,
        first_week=study.first_week,
        start=study.start,
        end=study.end,
    )


def _change(stored: StoredChange) -> Record:
    change = stored.change
    return outbound(
        ChangeRecord,
        change,
        sequence=stored.sequence,
        status=change.recommendation.status,
        hash=stored.hash,
    )
