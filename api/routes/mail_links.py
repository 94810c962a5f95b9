"""The link of a mail: GET shows the alert, as programs that scan mails follow links; POST acts."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.pages.mail_page import alert_page, refusal_page
from api.serving.access import State
from api.serving.key_first import KeyFirst, takes_at_most
from ewarn.errors import UnknownName, UsageError
from ewarn.pipeline.alerts.manual_actions import acknowledge_by_link
from ewarn.pipeline.delivery.mail_links import PATH, LinkExpired, read_link

router = APIRouter(tags=["page"], route_class=KeyFirst)
Token = Annotated[str, Path(description="What the mail's link ends with.")]


@router.get(f"{PATH}/{{token}}", response_class=Response, include_in_schema=False)
def show_link(state: State, token: Token) -> Response:
    """The alert of a link, with a button."""
    return _answer(state, token, acts=False)


@router.post(f"{PATH}/{{token}}", response_class=Response, include_in_schema=False)
@takes_at_most(1024)
def use_link(state: State, token: Token) -> Response:
    """Acknowledge the alert of a link. Doing it twice changes nothing."""
    return _answer(state, token, acts=True)


def _answer(state: State, token: str, *, acts: bool) -> Response:
    now, service = state.clock(), state.service.with_current_rules()
    try:
        with state.store.read() as connection:
            link = read_link(connection, service, token, now)
        if acts:
            with suppress(UsageError):  # it was acknowledged before, or closed: the page says so
                acknowledge_by_link(service, link, now)
            with state.store.read() as connection:
                link = read_link(connection, service, token, now)
    except LinkExpired:
        return refusal_page(is_expired=True)
    except UnknownName:
        return refusal_page(is_expired=False)
    return alert_page(link.alert, state.places, link.recipient.language)
