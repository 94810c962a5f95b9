"""Routes for deployments: proposal, consent, deployment and follow-up. Each step has a reason."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from api.formats.registry import TableFormat, documented
from api.records.response_records import deployment_record
from api.routing.key_first import KeyFirst
from api.schemas.lists import DeploymentList
from api.schemas.response import DeploymentBody, StepBody
from api.serving import cursors
from api.serving.access import Reader, ReadsDeployments, State, WritesDeployments
from api.serving.answers import Listing, answer_in_language
from api.serving.problems import Problem, as_problems
from api.serving.queries import AsOf, DeploymentsQuery, NoParameters, settled
from api.serving.requests import format_of, language_of
from api.serving.state import ApiState
from api.serving.texts import Asked
from ewarn.domain.deployment import Deployment, Proposal, StepKind
from ewarn.domain.region import Level
from ewarn.egress.response import DeploymentWithSteps
from ewarn.languages import problem_details
from ewarn.pipeline.response.deployments import proposal_of, propose_deployment, step
from ewarn.store.response import deployments

router = APIRouter(prefix="/v1/deployments", tags=["response"], route_class=KeyFirst)
Id = Annotated[
    Asked, Path(description="Id of a deployment.", examples=["deployment-0123456789abcdef"])
]
_OF_A_PROPOSAL = (
    "team",
    "length_weeks",
    "consent_of",
    "owner",
    "preconditions",
    "review_weeks",
)


@router.get("", response_model=DeploymentList, responses=documented(TableFormat))
def list_deployments(
    request: Request,
    state: State,
    reader: ReadsDeployments,
    asked: Annotated[DeploymentsQuery, Query()],
) -> Response:
    """Return the deployments as they were at `as_of`, newest proposal first.

    Only deployments to countries of the key are listed. Needs the scope `deployments:read`.
    """
    given, after = cursors.begin(state, asked, cursors.dated)
    now = settled(state, given)
    countries = reader.narrowed(state, asked.country)
    size, language = asked.page_size(format_of(request)), language_of(request)

    def read(
        connection: Connection, after: tuple[date, str] | None
    ) -> tuple[Sequence[Deployment], tuple[date, str] | None]:
        stages = tuple(asked.stage)
        found = deployments.find(
            connection, now, countries=countries, stages=stages, after=after, limit=size + 1
        )
        return cursors.page_of(found, size, attrgetter("proposed_on", "id"))

    with state.store.read() as connection:
        found, end = read(connection, after)
    later = cursors.later_pages(state.store, read, end)
    return Listing(
        [deployment_record(state, item, language) for item in found],
        now,
        cursor=None if end is None else cursors.write(state, now, *end),
        later=(deployment_record(state, item, language) for item in later),
    ).answer(request, asked)


@router.get("/{id}", response_model=DeploymentWithSteps)
def get_deployment(
    request: Request,
    state: State,
    reader: ReadsDeployments,
    id: Id,
    asked: Annotated[AsOf, Query()],
) -> Response:
    """Return one deployment as it was at `as_of`, with its steps (oldest first) and its effect.

    Needs the scope `deployments:read`. Error: 404 if there is no such deployment for the key.
    """
    return _answer(request, reader, id, asked.moment(state))


@router.post("", response_model=DeploymentWithSteps, status_code=201, responses={404: {}, 409: {}})
def propose_one(
    request: Request,
    state: State,
    actor: WritesDeployments,
    asked: DeploymentBody,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Propose a deployment to a country, by a playbook or freely. An alert can be its reason.

    The deployment starts in the stage `proposed`. State whose consent it needs: nobody is deployed
    without it. Needs the scope `deployments:write`. Errors: 404 if the key does not cover the
    country, or there is no such playbook or alert; 409 if the proposal is not possible.
    """
    now = state.clock()
    id_ = f"deployment-{secrets.token_hex(8)}"
    with as_problems():
        proposal = _proposal(state, actor, asked, now)
        propose_deployment(state.service, id_, proposal, actor.name, now, asked.reason, on=asked.on)
    answer = _answer(request, actor, id_, now)
    answer.status_code = 201
    return answer


@router.post("/{id}/steps", response_model=DeploymentWithSteps, responses={409: {}})
def take_step(
    request: Request,
    state: State,
    actor: WritesDeployments,
    id: Id,
    asked: StepBody,
    _: Annotated[NoParameters, Query()],
) -> Response:
    """Record the next step of a deployment.

    The steps are `consent_requested`, `consented` or `refused`, `deployed` and `ended`. `withdrawn`
    is possible before anybody has left, and `reviewed` from the beginning of the deployment on,
    even after its end. Needs the scope `deployments:write`. Errors: 404 if there is no such
    deployment for the key; 409 if the step is not possible now (`detail` names the possible ones).
    """
    now = state.clock()
    taken = partial(step, state.service, id, actor.countries, StepKind(asked.step), actor.name, now)
    with as_problems():
        taken(asked.reason, on=asked.on)
    return _answer(request, actor, id, now)


def _proposal(state: ApiState, actor: Reader, asked: DeploymentBody, now: datetime) -> Proposal:
    country = actor.region(state, asked.country)
    if country.level is not Level.COUNTRY:
        detail = problem_details.DEPLOYED_TO_NO_COUNTRY(code=country.id)
        raise Problem("not-possible", detail)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name in _OF_A_PROPOSAL
        if name in asked.model_fields_set
        and ((value := getattr(asked, name)) is not None or name == "length_weeks")
    }
    if asked.playbook is not None:
        made = proposal_of(state.service, asked.playbook, country.id, asked.alert_id, now)
        return replace(made, **given)
    whole: dict[str, Any] = {"team": (), "length_weeks": None, "consent_of": "", "owner": ""}
    return Proposal(country=country.id, alert_id=asked.alert_id, **(whole | given))


def _answer(request: Request, reader: Reader, id_: str, moment: datetime) -> Response:
    state: ApiState = request.app.state.ewarn
    with state.store.read() as connection:
        found = deployments.find(connection, moment, countries=reader.countries, ids=[id_])
        if not found:
            raise Problem("not-found", problem_details.NO_DEPLOYMENT(id=repr(id_[:60])))
        steps = deployments.steps(connection, id_, moment)
    record = deployment_record(state, found[0], language_of(request), steps)
    return answer_in_language(request, record)
