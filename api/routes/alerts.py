"""Alerts: what stood open when, and everything each one ever was."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from api.records.records import alert_record, alert_with_timeline
from api.routes.events import CSV
from api.schemas.lists import AlertList
from api.serving import cursors
from api.serving.access import ReadsAlerts, State
from api.serving.answers import POLLED, Listing, json_answer, tag, unchanged
from api.serving.exports import ALERT_COLUMNS
from api.serving.key_first import KeyFirst
from api.serving.problems import Problem
from api.serving.queries import AlertsAsked, AsOf, settled
from api.serving.texts import Asked
from api.serving.withheld import readers_of, unreadable_sources
from ewarn.egress.alerts import AlertWithTimeline
from ewarn.notify import labels
from ewarn.pipeline.alerts.staleness import as_read, overdue
from ewarn.pipeline.intake.footing import footing
from ewarn.store.alerts import alerts
from ewarn.store.scores import scores

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=KeyFirst)


@router.get("", response_model=AlertList, responses=CSV)
def list_alerts(
    request: Request, state: State, reader: ReadsAlerts, asked: Annotated[AlertsAsked, Query()]
) -> Response:
    """Alerts as they stood at `as_of`, those opened last first.

    Poll it with `If-None-Match`: the answer is 304 until an alert changed.
    """
    given, after = cursors.begin(state, asked, cursors.dated)
    now = settled(state, given)
    wanted = alerts.AlertFilter(
        countries=reader.narrowed(state, asked.country),
        regions=reader.regions(state, asked.region),
        targets=tuple(asked.target),
        states=tuple(asked.state),
        since=asked.since,
        until=asked.until,
        readers=readers_of(state, reader),
    )
    with state.store.read() as connection:
        newest = alerts.newest_change(connection, now, wanted.countries, wanted.readers)
        # Alerts become stale by the clock alone, and so must the tag change.
        hidden = unreadable_sources(state, reader)
        old = overdue(connection, state.service, now, hidden)
        ground = footing(connection, state.service, wanted.countries, now, reader.key.licences)
        etag = tag(request, reader, state.version, newest, old, ground)
        same = unchanged(request, etag)
        if same is not None:
            return same
        listed = alerts.find(connection, wanted, now, after=after, limit=asked.limit + 1)
        found = as_read(connection, state.service, listed, old, now)
        bases = scores.bases(connection, [alert.score_id for alert in found])
        turns = [alerts.changed_at(connection, newest), *old.values(), ground.turned_at]
        since = given or max((each for each in turns if each is not None), default=None)
    shown = found[: asked.limit]
    last = shown[-1] if len(found) > asked.limit else None
    cursor_text = None
    if last is not None and last.opened_on is not None and since is not None:
        cursor_text = cursors.write(since, last.opened_on, last.id)
    return Listing(
        [alert_record(state, alert, bases.get(alert.score_id)) for alert in shown],
        since,
        columns=ALERT_COLUMNS,
        cursor=cursor_text,
        notice=labels.basis_notices(set(bases.values())),
        footing=ground,
        headers={**POLLED, "ETag": etag},
    ).answer(request, asked.format)


@router.get("/{id}", response_model=AlertWithTimeline)
def get_alert(
    state: State,
    reader: ReadsAlerts,
    id: Annotated[Asked, Path(description="Id of an alert.")],
    asked: Annotated[AsOf, Query()],
) -> Response:
    """One alert as it stood at `as_of`, with its timeline, oldest change first."""
    moment = asked.moment(state)
    wanted = alerts.AlertFilter(
        countries=reader.countries, ids=(id,), readers=readers_of(state, reader)
    )
    with state.store.read() as connection:
        found = alerts.find(connection, wanted, moment)
        if not found:
            raise Problem("not-found", f"There is no alert {id[:60]!r} for this key.")
        old = overdue(connection, state.service, moment)
        (alert,) = as_read(connection, state.service, found, old, moment)
        return json_answer(alert_with_timeline(connection, state, reader, alert, moment))
