"""`ewarn watch`: open alerts and the highest scores, shown again every few seconds."""

import signal
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from ewarn.domain.alert import Alert
from ewarn.domain.score import Score
from ewarn.egress.alerts import AlertRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.errors import StoreError
from ewarn.languages.catalogues import ENGLISH
from ewarn.languages.formats import moment_words
from ewarn.pipeline.intake.footing import Footing, footing
from ewarn.pipeline.scoring.score_records import score_record
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.alerts import STANDING, as_shown, say_alerts
from ewarn.run.commands.screens.places import country_ids
from ewarn.run.commands.screens.scores import in_force, say_table
from ewarn.run.commands.screens.words import ScreenWords
from ewarn.run.console import Tone, Voice
from ewarn.run.options import Countries, Json, Language
from ewarn.run.wiring import open_service
from ewarn.store.alerts import alert_pages
from ewarn.store.alerts.alerts import AlertFilter
from ewarn.store.scores.scores import ScoreFilter

_LEAST_ROWS = 5  # of each table, also on a small terminal
_OTHER_LINES = 14  # of the terminal: headings, notices and empty lines
_LINES_A_ROW = 3  # of a table: most rows are folded


@dataclass(frozen=True, slots=True)
class _Seen:
    moment: datetime
    alerts: Sequence[Alert]
    has_more_alerts: bool
    scores: Sequence[Score]
    footing: Footing


def watch(
    every: Annotated[
        int, typer.Option(min=2, max=86_400, help="Seconds between two readings.")
    ] = 60,
    country: Countries = None,
    once: Annotated[bool, typer.Option(help="Show it once and end.")] = False,
    language: Language = ENGLISH,
    json: Json = False,
) -> None:
    """Show open alerts and the highest scores, again and again.

    Ctrl+C ends it. With `--json` each reading is one line.

    Example: `ewarn watch --country TGO --every 30`
    """
    voice, stop = Voice(json=json), threading.Event()
    countries = tuple(country_ids(country or []))
    with open_service(settings.load()) as service:
        if not once:
            _end_by_signal(stop)
        with _screen(voice, once=once):
            while True:
                _show(voice, service, countries, language, clears=not once)
                if once or stop.wait(every):
                    return


def _end_by_signal(stop: threading.Event) -> None:
    """Set an event on Ctrl+C or SIGTERM. That is the usual end, so nothing is logged."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())


def _screen(voice: Voice, *, once: bool) -> AbstractContextManager[object]:
    """Return the second screen of a terminal, so that the first is as before at the end."""
    is_moving = voice.console.is_terminal and not voice.json and not once
    return voice.console.screen(hide_cursor=True) if is_moving else nullcontext()


def _show(
    voice: Voice, service: Service, countries: tuple[str, ...], language: str, *, clears: bool
) -> None:
    most = max(_LEAST_ROWS, (voice.console.height - _OTHER_LINES) // (2 * _LINES_A_ROW))
    try:
        with service.store.read() as connection:
            seen = _read(connection, service, countries, wall(), most)
    except StoreError as error:  # the database may be back at the next reading
        voice.paragraph(f"{wall():%H:%M:%S} {error}", style=Tone.BAD)
        return
    if voice.json:
        voice.result(_record(service, seen), "")
        return
    words = ScreenWords(service.places, language)
    with voice.console.capture() as captured:
        _say(voice, words, seen)
    if clears and voice.console.is_terminal:
        voice.console.clear()
    voice.console.file.write(captured.get())
    voice.console.file.flush()


def _read(
    connection: Connection,
    service: Service,
    countries: tuple[str, ...],
    now: datetime,
    most: int,
) -> _Seen:
    wanted = AlertFilter(countries=countries, states=tuple(each.value for each in STANDING))
    page = alert_pages.page(connection, wanted, now, limit=most)
    return _Seen(
        now,
        as_shown(connection, service, page.alerts, now),
        page.end is not None,
        in_force(connection, ScoreFilter(countries=countries), now)[:most],
        footing(connection, service, countries, now, service.readers),
    )


def _say(voice: Voice, words: ScreenWords, seen: _Seen) -> None:
    voice.say(f"ewarn, {moment_words(seen.moment, words.language)}")
    say_alerts(voice, words, seen.alerts, seen.footing)
    if seen.has_more_alerts:
        voice.say(words.gettext("There are more: `ewarn alerts` shows all."))
    if seen.scores:
        say_table(voice, words, seen.scores)


def _record(service: Service, seen: _Seen) -> dict[str, object]:
    return {
        "as_of": seen.moment,
        "alerts": [
            outbound(AlertRecord, each, region_name=service.places.get(each.region).name)
            for each in seen.alerts
        ],
        "scores": [score_record(service.places, each) for each in seen.scores],
        "more_alerts": seen.has_more_alerts,
        "notice": seen.footing.notice(),
    }
