"""Models on the command line: what serves, what was fitted, who was promoted, how good it was."""

import getpass
from typing import Any

from ewarn.domain.fit import Fit
from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError, UnknownName, UsageError
from ewarn.pipeline.models import champions
from ewarn.pipeline.models import fit as fit_verb
from ewarn.run import settings
from ewarn.run.clock import wall
from ewarn.run.console import Voice
from ewarn.run.wiring import open_service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits, scorecards
from models.ensemble.ensemble import LABEL_SOURCE
from models.judging.message_table import table_lines
from models.registry import card

_CARD_COLUMNS = ("source", "model", "target", "level", "horizon_weeks", "label_source", "data")
_FIT_COLUMNS = ("id", "model", "source", "outcomes", "target", "level", "fitted_at", "serves")
_FIGURES = ("rows", "base_rate", "average_precision", "brier_skill", "log_score")


def list_models(*, voice: Voice) -> None:
    """Show the models that serve with their cards, and all stored fits."""
    now = wall()
    cards: list[dict[str, Any]] = []
    with open_service(settings.load()) as service, service.store.read() as connection:
        stored = fits.every(connection, Cut.at(now))
        for name in sorted({LABEL_SOURCE} | {item.purpose.source for item in stored}):
            try:
                models = champions.serving(service, connection, name, Cut.at(now))
            except ModelError as error:  # the list is where another one is chosen
                voice.say(str(error))
                continue
            cards += [{"source": name} | card(model) for model in models]
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


def show(fit_id: int, *, voice: Voice) -> None:
    """Show a fit, checked against its hash, with its promotions."""
    with open_service(settings.load()) as service, service.store.read() as connection:
        found = fits.load(connection, fit_id)
        promoted = [
            {"at": item.promoted_at, "by": item.by, "reason": item.reason}
            for item in fits.promotions(connection, Cut())
            if item.fit_id == fit_id
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
    """What messages of the rule in force would have been worth, where the card says it."""
    messages = found.card["development"].get("messages")
    if messages:
        for line in table_lines(messages["table"]):
            voice.say(line)


def fit(
    source: str | None,
    target: Target | None,
    level: Level | None,
    outcomes: str = "",
    *,
    voice: Voice,
) -> None:
    """Fit challengers; raises UsageError for a source whose terms do not allow it, and where it is
    not said which source's signals are to be held against the `outcomes` of another."""
    if outcomes and source is None:
        raise UsageError(f"--outcomes {outcomes}: say on whose signals, as in `models fit gdelt`")
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


def promote(fit_id: int, reason: str, *, voice: Voice) -> None:
    """Promote a fit by hand."""
    if not reason.strip():
        raise UsageError("--reason must say why; it is kept for good")
    with open_service(settings.load()) as service:
        done = champions.promote(service, fit_id, wall(), by=getpass.getuser(), reason=reason)
    voice.result({"promoted": done.stamped}, f"{done.stamped} serves {done.purpose} from now on")


def scorecard(
    name: str, source: str | None, target: Target | None, level: Level | None, *, voice: Voice
) -> None:
    """Show how scores did; raises UnknownName where none of that model has matured."""
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
