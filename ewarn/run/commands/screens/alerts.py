"""`ewarn alerts`: alerts as they were at a moment, and all that is known of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from ewarn.domain.alert import Alert, AlertState
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.errors import UnknownName
from ewarn.languages.catalogues import ENGLISH
from ewarn.languages.formats import colon
from ewarn.notify.messages.labels import basis_notice, target_words
from ewarn.pipeline.alerts.staleness import overdue, valid_until, with_staleness
from ewarn.pipeline.intake.footing import Footing, footing
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.alert_story import AlertStory, say_story, story_of, story_record
from ewarn.run.commands.screens.places import country_ids
from ewarn.run.commands.screens.words import ScreenWords, level_cell
from ewarn.run.console import Voice
from ewarn.run.options import AsOf, Countries, Json, Language, settled
from ewarn.run.wiring import open_service
from ewarn.store.alerts import alert_pages, alerts
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.scores import scores

alerts_app = typer.Typer(help="Show alerts as they were at a moment, and all that is known of one.")

STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
_OPENED = [AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.CLOSED]


def _states(incomplete: str) -> list[str]:
    return [state.value for state in _OPENED if state.value.startswith(incomplete)]


@alerts_app.callback(invoke_without_command=True)
def list_alerts(
    context: typer.Context,
    state: Annotated[
        list[AlertState] | None,
        typer.Option(
            help="Only alerts in this state; repeatable; default open and acknowledged.",
            autocompletion=_states,
        ),
    ] = None,
    country: Countries = None,
    as_of: AsOf = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Number of alerts to show.")] = 50,
    language: Language = ENGLISH,
    json: Json = False,
) -> None:
    """Show the open alerts, those opened last first.

    Example: `ewarn alerts --country TGO --as-of 2017-10-02`
    """
    if context.invoked_subcommand is not None:
        return
    voice, moment = Voice(json=json), settled(as_of, wall())
    states = tuple(each.value for each in state or STANDING)
    wanted = AlertFilter(countries=tuple(country_ids(country or [])), states=states)
    with open_service(settings.load()) as service, service.store.read() as connection:
        page = alert_pages.page(connection, wanted, moment, limit=limit)
        found = as_shown(connection, service, page.alerts, moment)
        ground = footing(connection, service, wanted.countries, moment, service.readers)
    words = ScreenWords(service.places, language)
    if voice.json:
        records = [_record(service, alert) for alert in found]
        value = {"alerts": records, "more": page.end is not None, "notice": ground.notice()}
        voice.result({"as_of": moment, **value}, "")
        return
    say_alerts(voice, words, found, ground)
    if page.end is not None:
        voice.say(words.gettext("There are more: show them with a higher --limit."))


def say_alerts(voice: Voice, words: ScreenWords, found: Sequence[Alert], ground: Footing) -> None:
    """Print a table of alerts, and what the sources behind it lack."""
    gettext = words.gettext
    if not found:
        voice.heading(gettext("No alert is in such a state."))
    else:
        columns = (
            "id",
            gettext("Risk of"),
            gettext("Level"),
            gettext("Opened"),
            gettext("State"),
        )
        voice.table(gettext("Alerts"), columns, (_row(words, alert) for alert in found))
    notice = ground.notice(words.language)
    if notice:
        voice.paragraph(notice, hang="  ")


def as_shown(
    connection: Connection, service: Service, found: Sequence[Alert], moment: datetime
) -> list[Alert]:
    """Return alerts as they are shown at a moment: stale if their scores are no longer valid."""
    old = overdue(valid_until(connection, service, moment), moment)
    return with_staleness(connection, service, found, old, moment)


def _row(words: ScreenWords, alert: Alert) -> tuple[object, ...]:
    level = level_cell(alert.band, words.language)
    if alert.probability is not None:
        level = replace(level, text=f"{level.text}, {words.share(alert.probability)}")
    return (
        alert.id,
        risk_words(words, alert),
        level,
        alert.opened_on,
        words.state(alert),
    )


def risk_words(words: ScreenWords, alert: Alert) -> str:
    """Return the region and the risk of an alert, in one cell, so that a table is not too wide."""
    target = target_words(alert.target, words.language)
    name = words.places.get(alert.region).name_in(words.language)
    return f"{alert.region} {name}{colon(words.language)}{target}"


def _record(service: Service, alert: Alert) -> dict[str, Any]:
    """Return an alert as the API publishes it, with the licence that its readers need."""
    name = service.places.get(alert.region).name
    shown = outbound(AlertRecord, alert, region_name=name)
    return {**shown, "licence": alert.readers or None}


@alerts_app.command("show")
def show(
    id: Annotated[str, typer.Argument(help="Id of an alert, from `ewarn alerts`.")],
    as_of: AsOf = None,
    language: Language = ENGLISH,
    json: Json = False,
) -> None:
    """Show an alert: facts, what happened and why, who was notified, and what was not sent.

    Example: `ewarn alerts show alert-0123456789abcdef`
    """
    voice, moment = Voice(json=json), settled(as_of, wall())
    with open_service(settings.load()) as service, service.store.read() as connection:
        story = _story(connection, service, id, moment, language)
    if voice.json:
        voice.result({"as_of": moment, **_record(service, story.alert), **story_record(story)}, "")
    else:
        say_story(voice, ScreenWords(service.places, language), story)


def _story(
    connection: Connection, service: Service, id_: str, moment: datetime, language: str
) -> AlertStory:
    """Read all that is known of an alert.

    Raises:
        UnknownName: There was no such alert at the moment.
    """
    found = alerts.find(connection, AlertFilter(ids=(id_,)), moment)
    if not found:
        raise UnknownName(f"there is no alert {id_!r} as of {moment:%Y-%m-%d}; see `ewarn alerts`")
    (alert,) = as_shown(connection, service, found, moment)
    basis = scores.bases(connection, [alert.score_id]).get(alert.score_id)
    story = story_of(connection, service, alert, moment, language)
    return replace(story, notice=basis_notice(basis, language) if basis else "")
