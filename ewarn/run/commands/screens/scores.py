"""`ewarn scores`: the newest scores of a country or region, and what is not observed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from ewarn.alerting.severity import severity
from ewarn.domain.region import Level, Region
from ewarn.domain.score import Score
from ewarn.domain.target import ASKED_EVERYWHERE
from ewarn.languages.catalogues import ENGLISH
from ewarn.languages.formats import length_words
from ewarn.notify.messages.labels import driver_words, target_words
from ewarn.notify.messages.score_notices import score_notice
from ewarn.notify.messages.source_notices import unscored_words
from ewarn.pipeline.intake.footing import Footing, footing
from ewarn.pipeline.scoring.score_records import score_record
from ewarn.pipeline.scoring.unobserved import Unobserved, unobserved
from ewarn.pipeline.service import Service
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.screens.places import region_codes, region_of
from ewarn.run.commands.screens.words import ScreenWords, level_cell
from ewarn.run.console import Voice
from ewarn.run.options import AsOf, Json, Language, settled
from ewarn.run.wiring import open_service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import score_pages
from ewarn.store.scores.scores import ScoreFilter, latest_runs


@dataclass(frozen=True, slots=True)
class RegionScores:
    """The scores of a region in force at a moment, and the targets of which nothing is known.

    `inside` are the scores of its subdivisions, if they were asked for.
    """

    region: Region
    moment: datetime
    scores: Sequence[Score]
    inside: Sequence[Score]
    missing: Sequence[Unobserved]
    footing: Footing


def scores(
    region: Annotated[
        str,
        typer.Argument(
            help="Country or subdivision, such as TGO or TG-M.", autocompletion=region_codes
        ),
    ],
    regions: Annotated[bool, typer.Option(help="Show the subdivisions of a country, too.")] = False,
    as_of: AsOf = None,
    language: Language = ENGLISH,
    json: Json = False,
) -> None:
    """Show the newest scores of a country or region, and what is not observed.

    Example: `ewarn scores TGO --regions --as-of 2017-10-02`
    """
    voice, moment = Voice(json=json), settled(as_of, wall())
    with open_service(settings.load()) as service, service.store.read() as connection:
        place = region_of(service.places, region)
        found = _read(connection, service, place, moment, with_inside=regions)
    if voice.json:
        voice.result(_record(service, found), "")
    else:
        _say(voice, ScreenWords(service.places, language), found)


def _read(
    connection: Connection,
    service: Service,
    region: Region,
    moment: datetime,
    *,
    with_inside: bool,
) -> RegionScores:
    inside = ScoreFilter(countries=(region.id,), level=Level.ADMIN1)
    is_country = region.level is Level.COUNTRY
    return RegionScores(
        region,
        moment,
        scores=in_force(connection, ScoreFilter(regions=(region.id,)), moment),
        inside=in_force(connection, inside, moment) if with_inside and is_country else (),
        missing=unobserved(
            connection, service, [region], ASKED_EVERYWHERE, moment, service.readers
        ),
        footing=footing(connection, service, (region.country,), moment, service.readers),
    )


def in_force(connection: Connection, wanted: ScoreFilter, moment: datetime) -> list[Score]:
    """Return the scores in force at a moment, the most serious first."""
    runs = latest_runs(connection, Cut.at(moment), interim=True).values()
    found = score_pages.standing(connection, runs, wanted)
    return sorted(found, key=_concern, reverse=True)


def _concern(score: Score) -> tuple[int, float, int]:
    return severity(score).rank, score.probability or 0.0, score.observed or 0


def _say(voice: Voice, words: ScreenWords, found: RegionScores) -> None:
    voice.heading(f"{words.place(found.region.id)} ({found.region.id})")
    for score in found.scores:
        _say_score(voice, words, score, found.moment)
    for missing in found.missing:
        target = target_words(missing.target, words.language)
        why = unscored_words(missing.since, words.language)
        no_score = words.gettext("no score, which does not mean that there is no risk")
        voice.heading(target)
        voice.paragraph(f"{no_score}: {why}", hang="  ")
    if found.inside:
        say_table(voice, words, found.inside)
    notice = found.footing.notice(words.language)
    if notice:
        voice.console.print()
        voice.paragraph(notice, hang="  ")


def _say_score(voice: Voice, words: ScreenWords, score: Score, moment: datetime) -> None:
    language, gettext = words.language, words.gettext
    cell = level_cell(severity(score), language)
    voice.heading(f"{target_words(score.target, language)}: {cell.text}", cell.tone)
    for line in _figures(words, score):
        voice.paragraph(line, hang="  ")
    made = gettext("Scored for %(day)s, %(age)s ago, from %(source)s.") % {
        "day": words.day(score.origin),
        "age": length_words(moment - score.recorded_at, language),
        "source": ", ".join(each.source for each in score.sources),
    }
    voice.paragraph(made, hang="  ")
    drivers = "; ".join(driver_words(each, language) for each in score.drivers)
    if drivers:
        voice.paragraph(gettext("Main drivers: %(drivers)s.") % {"drivers": drivers}, hang="  ")
    notice = score_notice(score, language)
    if notice:
        voice.paragraph(gettext("Note: %(notice)s.") % {"notice": notice}, hang="  ")


def _figures(words: ScreenWords, score: Score) -> Iterator[str]:
    """Yield the probability with its interval, and what was observed."""
    gettext = words.gettext
    if score.probability is not None:
        chance = f"{gettext('Probability')}: {words.share(score.probability)}"
        yield f"{chance} ({interval_words(words, score)}, {_weeks(words, score.horizon_weeks)})"
    if score.expected is not None and score.upper is not None:
        seen = gettext("not observed") if score.observed is None else str(score.observed)
        yield (
            f"{gettext('Last week')}: {seen} "
            f"({gettext('expected')} {score.expected:.1f}, {gettext('bound')} {score.upper:.1f})"
        )
    yield gettext("Completeness of the data: %(share)s.") % {
        "share": words.share(score.completeness)
    }


def interval_words(words: ScreenWords, score: Score) -> str:
    """Return the interval of a probability, such as `90%: 7.0% to 20%`, or a dash."""
    if score.low is None or score.high is None:
        return "–"
    return f"90%: {words.share(score.low)} – {words.share(score.high)}"


def _weeks(words: ScreenWords, number: int) -> str:
    several = words.ngettext("%(count)s week", "%(count)s weeks", number)
    return several % {"count": number}


def say_table(voice: Voice, words: ScreenWords, found: Sequence[Score]) -> None:
    """Print scores of several regions as a table."""
    gettext = words.gettext
    voice.table(
        gettext("Regions"),
        (
            gettext("Region"),
            gettext("Risk of"),
            gettext("Level"),
            gettext("Probability"),
            gettext("Source"),
            gettext("Scored"),
        ),
        (
            (
                f"{score.region} {words.places.get(score.region).name_in(words.language)}",
                target_words(score.target, words.language),
                level_cell(severity(score), words.language),
                _probability(words, score),
                score.source,
                score.origin,
            )
            for score in found
        ),
    )


def _probability(words: ScreenWords, score: Score) -> str:
    if score.observed is None:
        return f"{words.share(score.probability)} ({words.gettext('not observed')})"
    return words.share(score.probability)


def _record(service: Service, found: RegionScores) -> dict[str, Any]:
    return {
        "as_of": found.moment,
        "region": found.region.id,
        "scores": [score_record(service.places, each) for each in found.scores],
        "inside": [score_record(service.places, each) for each in found.inside],
        "not_observed": [
            {"target": each.target, "since": each.since, "notice": unscored_words(each.since)}
            for each in found.missing
        ],
        "notice": found.footing.notice(),
    }
