"""What people do to a deployment: pure functions that return the step.

Nobody is deployed without consent: the only way to `deployed` is through `consented`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from ewarn.domain.alert import Alert
from ewarn.domain.deployment import Deployment, Proposal, Stage, Step, StepKind
from ewarn.domain.effect import Effect
from ewarn.domain.persons import require_role
from ewarn.domain.playbook import Playbook
from ewarn.domain.time import FIRST_DAY
from ewarn.errors import UsageError
from ewarn.languages import refused_acts

AFTER: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.PROPOSED: (Stage.CONSENT_REQUESTED, Stage.WITHDRAWN),
    Stage.CONSENT_REQUESTED: (Stage.CONSENTED, Stage.REFUSED, Stage.WITHDRAWN),
    Stage.CONSENTED: (Stage.DEPLOYED, Stage.WITHDRAWN),
    Stage.DEPLOYED: (Stage.ENDED,),
    Stage.REFUSED: (),
    Stage.ENDED: (),
    Stage.WITHDRAWN: (),
}


def from_playbook(playbook: Playbook, country: str, alert: Alert | None) -> Proposal:
    """Return the proposal of a playbook for a country, in answer to an alert if one is given.

    Raises:
        UsageError: The playbook sends nobody, or is not for such alerts.
    """
    if not playbook.team:
        raise UsageError(refused_acts.SENDS_NOBODY(playbook=repr(playbook.id)))
    if alert is not None and playbook.targets and alert.target not in playbook.targets:
        known = " and ".join(playbook.targets)
        raise UsageError(refused_acts.ANSWERS_TARGETS(playbook=repr(playbook.id), targets=known))
    if alert is not None and alert.highest.rank < playbook.level.rank:
        raise UsageError(
            refused_acts.ANSWERS_LEVELS(playbook=repr(playbook.id), level=playbook.level)
        )
    return Proposal(
        country=country,
        team=playbook.team,
        length_weeks=playbook.length_weeks,
        consent_of=playbook.consent_of,
        owner=playbook.owner,
        preconditions=playbook.preconditions,
        review_weeks=playbook.review_weeks,
        alert_id=None if alert is None else alert.id,
        playbook=playbook.id,
    )


def propose(
    id_: str, proposal: Proposal, actor: str, at: datetime, reason: str, *, on: date | None = None
) -> Step:
    """Return the first step.

    Raises:
        UsageError: Team, owner, consent or reason are missing.
    """
    if not proposal.team:
        raise UsageError(refused_acts.NO_TEAM())
    if not proposal.owner.strip():
        raise UsageError(refused_acts.NO_OWNER())
    if not proposal.consent_of.strip():
        raise UsageError(refused_acts.NO_CONSENTING_PARTY())
    for role in proposal.team:
        require_role(role, "a member of the team")
    require_role(proposal.owner, "the owner")
    require_role(proposal.consent_of, "who consents")
    if list(proposal.review_weeks) != sorted(set(proposal.review_weeks)):
        raise UsageError(refused_acts.REVIEWS_OUT_OF_ORDER())
    day = _day(on, at, None)
    made = Deployment(id_, proposal, Stage.PROPOSED, proposed_on=day, last_on=day)
    return Step(StepKind.PROPOSED, made, day, at, actor, _because(reason))


def take(
    deployment: Deployment,
    kind: StepKind,
    actor: str,
    at: datetime,
    reason: str,
    *,
    on: date | None = None,
) -> Step:
    """Return the next step of a deployment.

    Args:
        on: Its day in the world; default: the day of `at`.

    Raises:
        UsageError: The step cannot be taken now, its day is before the last step or in the future,
            or it has no reason.
    """
    why = _because(reason)
    day = _day(on, at, deployment.last_on)
    if kind is StepKind.REVIEWED:
        if deployment.deployed_on is None:
            raise UsageError(refused_acts.NOT_BEGUN(deployment=deployment.id))
        after = replace(deployment, last_on=day, reviews=deployment.reviews + 1)
        return Step(kind, after, day, at, actor, why)
    stage = _next_stage(deployment, kind)
    after = replace(
        deployment,
        stage=stage,
        last_on=day,
        deployed_on=day if stage is Stage.DEPLOYED else deployment.deployed_on,
        ended_on=day if stage is Stage.ENDED else deployment.ended_on,
    )
    return Step(kind, after, day, at, actor, why)


def judged(deployment: Deployment, effect: Effect, actor: str, at: datetime) -> Step:
    """Return the step that stores the effect of a deployment; it can be evaluated again later.

    Raises:
        UsageError: The deployment has not ended.
    """
    if deployment.stage is not Stage.ENDED:
        raise UsageError(f"{deployment.id} has not ended: its effect cannot be judged yet")
    after = replace(deployment, effect=effect)
    reason = " ".join((f"{effect.verdict}.", *effect.reasons))
    return Step(StepKind.JUDGED, after, max(at.date(), deployment.last_on), at, actor, reason)


def _next_stage(deployment: Deployment, kind: StepKind) -> Stage:
    if kind.value not in AFTER[deployment.stage]:
        raise UsageError(_why_not(deployment, kind))
    return Stage(kind.value)


def _why_not(deployment: Deployment, kind: StepKind) -> str:
    """Return why a step cannot follow."""
    said = {"deployment": deployment.id, "stage": deployment.stage}
    if kind is StepKind.DEPLOYED and deployment.stage is not Stage.DEPLOYED:
        return refused_acts.NO_CONSENT(**said, party=deployment.proposal.consent_of)
    possible = " or ".join(AFTER[deployment.stage])
    if not possible:
        return refused_acts.NOTHING_FOLLOWS(**said, step=kind)
    return refused_acts.OTHER_STEPS_FOLLOW(**said, steps=possible, step=kind)


def _day(on: date | None, at: datetime, before: date | None) -> date:
    day = on or at.date()
    if day > at.date():
        raise UsageError(refused_acts.STEP_IN_FUTURE(day=day))
    if day < FIRST_DAY:
        raise UsageError(refused_acts.STEP_TOO_EARLY(day=day, year=FIRST_DAY.year))
    if before is not None and day < before:
        raise UsageError(refused_acts.STEP_BEFORE_LAST(day=day, last=before))
    return day


def _because(reason: str) -> str:
    if not reason.strip():
        raise UsageError(refused_acts.STEP_WITHOUT_REASON())
    return reason.strip()
