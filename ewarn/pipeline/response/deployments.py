"""The verbs `propose`, `step` and `judge`: a deployment from its proposal to its effect.

Each is one transaction, recorded in the audit trail with who, when and why.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection

from ewarn.domain.alert import Alert
from ewarn.domain.deployment import Deployment, Proposal, Stage, Step, StepKind
from ewarn.domain.effect import Effect
from ewarn.domain.kinds import EventKind
from ewarn.domain.time import DAY, midnight
from ewarn.errors import InputError, UnknownName, UsageError
from ewarn.languages import refused_acts
from ewarn.pipeline.response.effect import panel_around, study_of, weeks_of
from ewarn.pipeline.service import Service
from ewarn.response.steps import from_playbook, judged, propose, take
from ewarn.store.alerts import alerts
from ewarn.store.database.cuts import Cut
from ewarn.store.response import deployments
from ewarn.store.scores import scores

JUDGE = "ewarn"


def proposal_of(
    service: Service, playbook: str, country: str, alert_id: str | None, now: datetime
) -> Proposal:
    """Return the proposal of a playbook for a country, in answer to an alert if one is named.

    Raises:
        UnknownName: There is no such playbook or alert.
        UsageError: The playbook and the alert do not match.
    """
    known = service.with_current_rules().rulebook.playbooks
    if playbook not in known:
        choices = ", ".join(known)
        raise UnknownName(refused_acts.PLAYBOOK_UNKNOWN(name=repr(playbook[:60]), known=choices))
    with service.store.read() as connection:
        alert = None if alert_id is None else _alert(connection, alert_id, country, now)
    return from_playbook(known[playbook], country, alert)


def propose_deployment(
    service: Service,
    id_: str,
    proposal: Proposal,
    actor: str,
    now: datetime,
    reason: str,
    *,
    on: date | None = None,
) -> Step:
    """Propose a deployment to a country.

    Raises:
        UsageError: Something that a proposal needs is missing.
        UnknownName: The alert that it answers is not one of its country.
    """
    made = propose(id_, proposal, actor, now, reason, on=on)
    with service.store.write() as connection:
        if proposal.alert_id is not None:
            _alert(connection, proposal.alert_id, proposal.country, now)
        deployments.record(connection, made)
    return made


def step(
    service: Service,
    id_: str,
    countries: Sequence[str],
    kind: StepKind,
    actor: str,
    now: datetime,
    reason: str,
    *,
    on: date | None = None,
) -> Deployment:
    """Take a deployment of some countries (none named: of any) one step further.

    When it ends, its effect is evaluated at once, if possible.

    Raises:
        UnknownName: There is no such deployment in those countries.
        UsageError: The step cannot be taken.
    """
    with service.store.write() as connection:
        before = _known(connection, id_, countries)
        taken = take(before, kind, actor, now, reason, on=on)
        deployments.record(connection, taken)
    if kind is not StepKind.ENDED:
        return taken.deployment
    try:
        return judge(service, id_, countries, now)
    except (UsageError, InputError):
        return taken.deployment  # the time was too short, or no data are stored: no effect is known


def judge(
    service: Service,
    id_: str,
    countries: Sequence[str],
    now: datetime,
    *,
    source: str | None = None,
    kind: EventKind = EventKind.FORCE,
    donors: Sequence[str] = (),
) -> Deployment:
    """Evaluate the effect of a deployment that has ended, and store it with the deployment.

    Args:
        source: Default: the source of the alert that the deployment answers, else the first that is
            scored.
        donors: Countries to compare with.

    Raises:
        UnknownName: There is no such deployment in those countries.
        UsageError: It has not ended, or it has no whole week.
        InputError: No data are stored to evaluate it on.
    """
    with service.store.write() as connection:
        ended = _known(connection, id_, countries)
        if ended.stage is not Stage.ENDED:
            raise UsageError(f"{id_} has not ended: its effect cannot be judged yet")
        asked = source or _source(service, connection, ended, now)
    found = _effect(service, ended, asked, kind, donors, now)
    with service.store.write() as connection:
        made = judged(_known(connection, id_, countries), found, JUDGE, now)
        deployments.record(connection, made)
    return made.deployment


def _effect(
    service: Service,
    ended: Deployment,
    source: str,
    kind: EventKind,
    donors: Sequence[str],
    now: datetime,
) -> Effect:
    if service.effect is None or ended.deployed_on is None or ended.ended_on is None:
        raise InputError("this service cannot evaluate the effect of a deployment")
    start, end = weeks_of(ended.deployed_on, ended.ended_on - DAY)
    if midnight(end) > now:
        raise UsageError(f"the last week of {ended.id} is not over yet")
    regions = [service.places.get(each).id for each in (ended.country, *donors)]
    panel = panel_around(service, source, regions, start, now)
    study = study_of(
        panel,
        source,
        kind,
        regions[0],
        start,
        end,
        donors=regions[1:],
        in_hindsight=source in service.in_hindsight,
    )
    return service.effect(study)


def _known(connection: Connection, id_: str, countries: Sequence[str]) -> Deployment:
    found = deployments.current(connection, id_)
    if found is None or (countries and found.country not in countries):
        raise UnknownName(refused_acts.DEPLOYMENT_UNKNOWN(id=repr(id_[:60])))
    return found


def _alert(connection: Connection, id_: str, country: str, now: datetime) -> Alert:
    # Everybody who covers the country reads its deployments, so a deployment never names an alert
    # that some of them may not read.
    wanted = alerts.AlertFilter(countries=(country,), ids=(id_,), readers=("",))
    found = alerts.find(connection, wanted, now)
    if not found:
        raise UnknownName(refused_acts.ALERT_ELSEWHERE(id=repr(id_[:60]), country=country))
    return found[0]


def _source(service: Service, connection: Connection, ended: Deployment, now: datetime) -> str:
    """Return the source on which a deployment is evaluated if none is named."""
    alert_id = ended.proposal.alert_id
    if alert_id is not None:
        alert = _alert(connection, alert_id, ended.country, now)
        score = scores.by_id(connection, int(alert.score_id))
        if score is not None:
            return score.sources[0].source
    newest = sorted(scores.latest_runs(connection, Cut.at(now)))
    scored = [name for name in newest if service.is_open(name)]
    if not scored:
        raise InputError(f"no source is scored here that {ended.id} could be judged by")
    return scored[0]
