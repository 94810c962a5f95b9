"""Routes of the link in a mail: GET shows the alert, POST acknowledges it.

GET changes nothing, because programs that scan mails follow links.
"""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.mail_page import alert_page, refusal_page
from api.routing.key_first import KeyFirst, takes_at_most
from api.serving.access import State
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.alerts.manual_actions import acknowledge_by_link
from ewarn.pipeline.delivery.mail_links import PATH, LinkExpired, read_link

router = APIRouter(tags=["page"], route_class=KeyFirst)
Token = Annotated[str, Path(description="The last part of the link in the mail.")]


@router.get(f"{PATH}/{{token}}", response_class=Response, include_in_schema=False)
def show_link(state: State, token: Token) -> Response:
    """Return the page of the alert behind a link, with a button."""
    return _answer(state, token, acts=False)


@router.post(f"{PATH}/{{token}}", response_class=Response, include_in_schema=False)
@takes_at_most(1024)
def use_link(state: State, token: Token) -> Response:
    """Acknowledge the alert behind a link. A second use changes nothing."""
    return _answer(state, token, acts=True)


def _answer(state: State, token: str, *, acts: bool) -> Response:
    now, service = state.clock(), state.service.with_current_rules()
    try:
        with state.store.read() as connection:
            link = read_link(connection, service, token, now)
        if acts:
            with suppress(UsageError):  # it is already acknowledged or closed, as the page will say
                acknowledge_by_link(service, link, now)
            with state.store.read() as connection:
                link = read_link(connection, service, token, now)
    except LinkExpired:
        return refusal_page(is_expired=True)
    except UnknownName:
        return refusal_page(is_expired=False)
    return alert_page(link.alert, state.places, link.recipient.language)
