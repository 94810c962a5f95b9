"""`ewarn models`: show, fit, promote and evaluate models."""

import getpass
from typing import Annotated, Any

import typer

from ewarn.domain.fit import Fit
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError, UnknownName, UsageError
from ewarn.pipeline.models import champions
from ewarn.pipeline.models import fit as fit_verb
from ewarn.pipeline.scoring import forecast as forecast_verb
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.commands.shipping import ship
from ewarn.run.console import Voice
from ewarn.run.options import Json
from ewarn.run.wiring import forecaster_cards, open_service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits, scorecards
from models.ensemble.ensemble import LABEL_SOURCE
from models.judging.reporting.message_table import table_lines
from models.registry import card, every_kind

models_app = typer.Typer(help="Show, fit, promote and evaluate models.", no_args_is_help=True)
FitId = Annotated[int, typer.Argument(min=1, help="Number of a fit, from `ewarn models list`.")]
OfSource = Annotated[str | None, typer.Option(help="Name of a source; default all.")]
OfTarget = Annotated[Target | None, typer.Option(help="Target of the models; default all.")]
OfLevel = Annotated[Level | None, typer.Option(help="Countries or subdivisions; default both.")]

_CARD_COLUMNS = ("source", "model", "target", "level", "horizon_weeks", "label_source", "data")
_FIT_COLUMNS = ("id", "model", "source", "outcomes", "target", "level", "fitted_at", "serves")
_FIGURES = ("rows", "base_rate", "average_precision", "brier_skill", "log_score")


@models_app.command("list")
def list_models(json: Json = False) -> None:
    """Show the models in use, and all stored fits.

    Example: `ewarn models list`
    """
    voice = Voice(json=json)
    now = wall()
    cards: list[dict[str, Any]] = []
    kinds = every_kind()
    with open_service(settings.load()) as service, service.store.read() as connection:
        stored = fits.every(connection, Cut.at(now))
        for name in sorted({LABEL_SOURCE} | {item.purpose.source for item in stored}):
            try:
                models = champions.serving(service, connection, name, Cut.at(now))
            except ModelError as error:  # the list is needed to choose another model
                voice.say(str(error))
                continue
            cards += [{"source": name} | card(model, kinds) for model in models]
        cards += forecaster_cards(service, forecast_verb.sources_to_forecast(service))
    in_force = {found["model"] for found in cards}
    rows = [_row(item) | {"serves": item.stamped in in_force} for item in stored]
    if voice.json:
        voice.result({"models": cards, "fits": rows}, "")
        return
    voice.table(
        "Models", _CARD_COLUMNS, ([found.get(name) for name in _CARD_COLUMNS] for found in cards)
    )
    if rows:
        voice.table("Fits", _FIT_COLUMNS, ([row[name] for name in _FIT_COLUMNS] for row in rows))


@models_app.command("show")
def show(id: FitId, json: Json = False) -> None:
    """Show a fitted model: its card, its figures, and when it was promoted.

    Example: `ewarn models show 3`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = fits.load(connection, id)
        promoted = [
            {"at": item.promoted_at, "by": item.by, "reason": item.reason}
            for item in fits.promotions(connection, Cut())
            if item.fit_id == id
        ]
    if voice.json:
        voice.result(_row(found) | {"card": found.card, "promotions": promoted}, "")
        return
    voice.say(f"{found.stamped}: {found.purpose}; SHA-256 {found.sha256}")
    for name, value in found.card.items():
        if name != "development":
            voice.say(f"{name}: {value}")
    voice.table(
        f"Trial, {found.card['development']['origins']}",
        ("by", *_FIGURES),
        (
            [name, *(figures[column] for column in _FIGURES)]
            for name, figures in found.card["development"]["skill"].items()
        ),
    )
    _say_messages(found, voice)
    for item in promoted:
        voice.say(f"promoted {item['at']:%Y-%m-%d %H:%M} by {item['by']}: {item['reason']}")


def _say_messages(found: Fit, voice: Voice) -> None:
    """Print the evaluation of messages under the rule in force, if the card contains it."""
    messages = found.card["development"].get("messages")
    if messages:
        for line in table_lines(messages["table"]):
            voice.say(line)


@models_app.command("fit")
def fit(
    of: Annotated[str | None, typer.Argument(help="Name of a source; default all.")] = None,
    source: OfSource = None,
    outcomes: Annotated[
        str, typer.Option(help="Source of the outcomes, if it is another one.")
    ] = "",
    target: OfTarget = None,
    level: OfLevel = None,
    json: Json = False,
) -> None:
    """Fit challengers on the events of sources, and promote those that are better than all others.

    Example: `ewarn models fit gdelt --outcomes mass-mobilization`
    """
    source = of or source
    voice = Voice(json=json)
    if outcomes and source is None:
        raise UsageError(
            f"--outcomes {outcomes}: name the source of the signals too, as in `models fit gdelt`"
        )
    now = wall()
    with open_service(settings.load()) as service:
        sources = [source] if source else fit_verb.sources_to_fit(service)
        reports = []
        with voice.progress("fitting", len(sources)) as steps:
            for name in sources:
                reports += fit_verb.fit(
                    service, name, now, target=target, level=level, outcomes=outcomes
                )
                steps.done(name)
        with service.store.read() as connection:
            made = {
                report.fit_id: fits.load(connection, report.fit_id)
                for report in reports
                if report.fit_id is not None
            }
    for report in reports:
        outcome = "promoted" if report.promoted else "not promoted"
        number = "" if report.fit_id is None else f" (fit {report.fit_id})"
        voice.say(f"{report.purpose}{number}: {outcome}; {report.reason}")
        if report.fit_id is not None and not voice.json:
            _say_messages(made[report.fit_id], voice)
    rows = [
        {
            "source": report.purpose.source,
            "outcomes": report.purpose.label_source,
            "target": report.purpose.target,
            "level": report.purpose.level,
            "fit": report.fit_id,
            "promoted": report.promoted,
            "reason": report.reason,
        }
        for report in reports
    ]
    voice.result({"fits": rows}, f"{sum(report.promoted for report in reports)} promoted")


@models_app.command("forecast")
def forecast(
    source: Annotated[str, typer.Argument(help="Source of the counts of deaths: `ucdp`.")],
    json: Json = False,
) -> None:
    """Forecast the deaths in each country for the six months after the newest known one.

    The model is fitted again on all known months, which takes minutes.

    Example: `ewarn models forecast ucdp`
    """
    voice = Voice(json=json)
    with open_service(settings.load()) as service, voice.progress("forecasting", 1) as steps:
        made = forecast_verb.forecast(service, source, wall())
        steps.done(source)
    if made.reason == forecast_verb.NOT_FORECAST:
        raise UnknownName(f"no model forecasts {source!r}; deaths are forecast for ucdp only")
    said = made.reason or f"{made.forecasts} forecasts from the end of {made.known_month:%Y-%m}"
    figures = {"forecasts": made.forecasts, "judged": made.judged, "reason": made.reason}
    voice.result({"source": source, "known_month": made.known_month} | figures, said)


@models_app.command("promote")
def promote(
    id: FitId,
    reason: Annotated[str, typer.Option(help="Reason; stored permanently.")],
    json: Json = False,
) -> None:
    """Make a fitted model the champion by hand, whatever its evaluation says.

    Example: `ewarn models promote 3 --reason "the newer one was fitted during an outage"`
    """
    voice = Voice(json=json)
    if not reason.strip():
        raise UsageError("--reason must not be empty; it is stored permanently")
    with open_service(settings.load()) as service:
        done = champions.promote(service, id, wall(), by=getpass.getuser(), reason=reason)
    voice.result({"promoted": done.stamped}, f"{done.stamped} serves {done.purpose} from now on")


@models_app.command("scorecard")
def scorecard(
    name: Annotated[str, typer.Argument(help="A model, such as `ensemble`.")],
    source: OfSource = None,
    target: OfTarget = None,
    level: OfLevel = None,
    json: Json = False,
) -> None:
    """Show how good the scores of a model were, for scores with a known outcome.

    Example: `ewarn models scorecard ensemble --target force --level country`
    """
    voice = Voice(json=json)
    now = wall()
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = scorecards.newest(
            connection,
            Cut.at(now),
            name,
            sources=[source] if source else [],
            targets=[target] if target else [],
            level=level,
        )
    if not found:
        raise UnknownName(
            f"no score of a model {name!r} has matured: that takes 26 weeks from the end of its "
            "horizon; see `ewarn models list`"
        )
    rows: list[dict[str, Any]] = [
        {
            "source": item.purpose.source,
            "target": item.purpose.target,
            "level": item.purpose.level,
            "horizon_weeks": item.purpose.horizon_weeks,
            "month": item.month or None,
            "as_of": item.as_of,
        }
        | dict(item.figures)
        for item in found
    ]
    if voice.json:
        voice.result({"model": name, "scorecard": rows}, "")
        return
    columns = ("source", "target", "level", "month", *_FIGURES, "calibration_in_the_large")
    voice.table(f"Scorecard of {name}", columns, ([row.get(c) for c in columns] for row in rows))
    for row in rows:
        for rule, kept in row.get("rules", {}).items():
            voice.say(
                f"{row['source']}, rule {rule}: {kept['promised']} false alarms promised, "
                f"{kept['delivered']} came (90% interval {kept['low']} to {kept['high']}): "
                f"{kept['verdict']}"
            )


def _row(item: Fit) -> dict[str, Any]:
    return {
        "id": item.id,
        "model": item.stamped,
        "source": item.purpose.source,
        "outcomes": item.purpose.label_source,
        "target": item.purpose.target,
        "level": item.purpose.level,
        "horizon_weeks": item.purpose.horizon_weeks,
        "sha256": item.sha256,
        "labels_before": item.labels_before,
        "as_of": item.as_of,
        "fitted_at": item.fitted_at,
    }


models_app.command()(ship)
