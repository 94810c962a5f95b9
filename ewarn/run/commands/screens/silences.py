"""`ewarn silences`: which notifications are suppressed, by whom, why and until when."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ewarn.domain.silence import Silence
from ewarn.domain.target import Target
from ewarn.egress.alerts import SilenceRecord
from ewarn.egress.definition.shapes import outbound
from ewarn.languages.catalogues import ENGLISH
from ewarn.languages.formats import moment_words, semicolon
from ewarn.notify.messages.labels import target_words
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.words import ScreenWords
from ewarn.run.console import Tone, Toned, Voice
from ewarn.run.options import AsOf, Json, Language, settled
from ewarn.run.wiring import open_service
from ewarn.store.alerts import silences

REMEMBERED = timedelta(days=90)


def list_silences(as_of: AsOf = None, language: Language = ENGLISH, json: Json = False) -> None:
    """Show the silences: in force, to begin, and ended in the last 90 days.

    Example: `ewarn silences`
    """
    voice, moment = Voice(json=json), settled(as_of, wall())
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = silences.since(connection, moment - REMEMBERED)
    words = ScreenWords(service.places, language)
    if voice.json:
        records = [outbound(SilenceRecord, each, in_force=each.in_force(moment)) for each in found]
        voice.result({"as_of": moment, "silences": records}, "")
    elif not found:
        voice.say(
            words.gettext("No silence is in force, is to begin, or ended in the last 90 days.")
        )
    else:
        _say(voice, words, sorted(found, key=lambda each: not each.in_force(moment)), moment)


def _say(voice: Voice, words: ScreenWords, found: list[Silence], moment: datetime) -> None:
    gettext = words.gettext
    for each in found:
        state = _state(words, each, moment)
        voice.heading(f"{each.id}: {state.text}", state.tone)
        for line in _lines(words, each):
            voice.paragraph(line, hang="  ")
    number = sum(each.in_force(moment) for each in found)
    voice.console.print()
    voice.say(gettext("%(number)s of %(all)s in force") % {"number": number, "all": len(found)})


def _state(words: ScreenWords, silence: Silence, moment: datetime) -> Toned:
    gettext = words.gettext
    if silence.in_force(moment):
        return Toned(gettext("in force"), Tone.CAUTION)
    return Toned(gettext("to begin") if moment < silence.starts_at else gettext("over"), None)


def _lines(words: ScreenWords, silence: Silence) -> Iterator[str]:
    gettext, language = words.gettext, words.language
    yield gettext("From %(start)s to %(end)s.") % {
        "start": moment_words(silence.starts_at, language),
        "end": moment_words(silence.ends_at, language),
    }
    if silence.ended_at is not None:
        yield gettext("Ended early on %(moment)s by %(actor)s.") % {
            "moment": moment_words(silence.ended_at, language),
            "actor": silence.ended_by,
        }
    yield gettext("It covers: %(what)s.") % {
        "what": semicolon(language).join(_covers(words, silence))
    }
    yield gettext("By %(actor)s: %(reason)s") % {"actor": silence.author, "reason": silence.reason}


def _covers(words: ScreenWords, silence: Silence) -> Iterator[str]:
    for id_ in (*silence.countries, *silence.regions):
        yield f"{words.place(id_)} ({id_})"
    yield from (target_words(Target(target), words.language) for target in silence.targets)
    yield from silence.rules
