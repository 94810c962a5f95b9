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
        raise UsageError(f"the playbook {playbook.id!r} sends nobody: there is nothing to propose")
    if alert is not None and playbook.targets and alert.target not in playbook.targets:
        known = " and ".join(playbook.targets)
        raise UsageError(f"the playbook {playbook.id!r} answers alerts of {known}")
    if alert is not None and alert.highest.rank < playbook.level.rank:
        raise UsageError(f"the playbook {playbook.id!r} answers alerts from {playbook.level} on")
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
        raise UsageError("a deployment needs a team: say which roles are sent")
    for text, what in ((proposal.owner, "owner"), (proposal.consent_of, "consent_of")):
        if not text.strip():
            raise UsageError(f"a deployment needs {what!r}: a role, an office or a Government")
    for role in proposal.team:
        require_role(role, "a member of the team")
    require_role(proposal.owner, "the owner")
    require_role(proposal.consent_of, "who consents")
    if list(proposal.review_weeks) != sorted(set(proposal.review_weeks)):
        raise UsageError("review weeks must rise: each review comes after the one before")
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
            raise UsageError(f"{deployment.id} has not begun: there is nothing to review")
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
    possible = AFTER[deployment.stage]
    if kind.value not in possible:
        if kind is StepKind.DEPLOYED and deployment.stage is not Stage.DEPLOYED:
            raise UsageError(
                f"{deployment.id} has no consent of {deployment.proposal.consent_of}: "
                f"it stands at {deployment.stage}, and nobody is deployed without consent"
            )
        which = " or ".join(possible) or "nothing more"
        raise UsageError(
            f"{deployment.id} stands at {deployment.stage}: what can follow is {which}, not {kind}"
        )
    return Stage(kind.value)


def _day(on: date | None, at: datetime, before: date | None) -> date:
    day = on or at.date()
    if day > at.date():
        raise UsageError(
            f"the step is of {day}, which is in the future; record it when it is taken"
        )
    if day < FIRST_DAY:
        raise UsageError(f"the step is of {day}; years before {FIRST_DAY.year} are not accepted")
    if before is not None and day < before:
        raise UsageError(f"the step is of {day}, before the last one of {before}")
    return day


def _because(reason: str) -> str:
    if not reason.strip():
        raise UsageError("a step needs a reason that says why it is taken")
    return reason.strip()
