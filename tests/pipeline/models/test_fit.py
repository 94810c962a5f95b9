"""Tests that a source is calibrated on its own events: back-fill, fit, promotion and alert."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import func, select, text

from ewarn.domain.fit import Fit, Promotion, Purpose, canonical, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.score import Score
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import WEEK, midnight
from ewarn.errors import ModelError, UsageError
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.models.champions import promote, serving
from ewarn.pipeline.models.fit import FitReport, fit, sources_to_fit
from ewarn.pipeline.scoring.score import score
from ewarn.pipeline.service import Service
from ewarn.run import schedule
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits, scores
from ewarn.store.tables.models import fitted_model
from ingest.registry import SOURCES
from models.detectors.detector import Detector
from models.fitting.challenge import Challenge
from models.fitting.fit_card import NOT_COUNTED
from models.judging.backtest.candidates import BASELINES
from tests.pipeline.backfilled import GDELT, LAST, NOW, fill

FORCE = Purpose(GDELT, Target.FORCE, Level.COUNTRY, 4)
YEAR_LATER = LAST + 60 * WEEK


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with the back-fill and one promoted fit, created once for all tests."""
    path = tmp_path_factory.mktemp("backfilled") / "ewarn.db"
    path.write_bytes(sqlite_template.read_bytes())
    with open_service(Settings(database_url=f"sqlite:///{path}", sources=())) as opened:
        fill(opened)
        score(opened, GDELT, NOW)
        alert(opened, NOW)
        (report,) = fit(opened, GDELT, NOW, target=Target.FORCE, level=Level.COUNTRY)
        assert report.promoted, report.reason
        with opened.store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def service(filled: Path, tmp_path: Path) -> Iterator[Service]:
    """Open a copy of that store as the worker does."""
    path = tmp_path / "ewarn.db"
    path.write_bytes(filled.read_bytes())
    with open_service(Settings(database_url=f"sqlite:///{path}")) as opened:
        yield opened


def fit_force(service: Service, **others: Any) -> FitReport:
    (report,) = fit(service, GDELT, target=Target.FORCE, level=Level.COUNTRY, **others)
    return report


def newest(service: Service, cut: Cut) -> list[Score]:
    wanted = scores.ScoreFilter(targets=("force",), level=Level.COUNTRY)
    with service.store.read() as connection:
        runs = scores.latest_runs(connection, cut)
        return scores.in_runs(connection, list(runs.values()), wanted)


def champion(service: Service) -> Fit:
    with service.store.read() as connection:
        (found,) = fits.champions(connection, Cut(), GDELT)
    return found


def added(service: Service, document: dict[str, Any], **others: Any) -> int:
    """Store a fit like the champion, but with another document. Return its id."""
    words = canonical(document)
    made = replace(champion(service), document=words, sha256=sha256_of(words), **others)
    with service.store.write() as connection:
        return fits.add(connection, made)


def test_a_backfill_earns_calibration_by_a_fit_and_not_before(service: Service) -> None:
    before = newest(service, Cut())
    assert {item.basis for item in before} == {Basis.UNCALIBRATED}
    assert {(item.probability, item.band) for item in before} == {(None, Band.UNCALIBRATED)}
    assert {item.model for item in before} == {f"detector@{Detector.version}"}

    later = NOW + timedelta(hours=6)
    assert score(service, GDELT, later).run is not None, "the champion changed"
    after = newest(service, Cut())
    assert {item.basis for item in after} == {Basis.CALIBRATED}
    assert all(item.probability is not None and item.band.rank >= 0 for item in after)
    assert {item.model for item in after} == {champion(service).stamped}
    decided = alert(service, later)
    assert "force-country" in {told.change.alert.rule for told in decided.changes}

    assert newest(service, Cut.at(NOW)) == before, "history is not rewritten"
    assert score(service, GDELT, later).run is None


def test_the_other_purposes_stay_uncalibrated(service: Service) -> None:
    with service.store.read() as connection:
        models = serving(service, connection, GDELT, Cut.at(NOW))
    calibrated = [model for model in models if model.basis is Basis.CALIBRATED]
    assert [(model.target, model.level) for model in calibrated] == [(Target.FORCE, Level.COUNTRY)]
    assert len(models) == 4


def test_the_card_says_what_it_learned_from_and_how_it_was_tried(service: Service) -> None:
    card = champion(service).card
    assert (card["label_source"], card["licence"]) == (GDELT, SOURCES[GDELT]().terms.licence)
    assert not any("lethal" in signal for signal in card["signals"])
    assert NOT_COUNTED in card["weaknesses"]
    assert card["fitted_on"]["positives"] >= 300
    assert card["fitted_on"]["labels_before"] == (LAST - 26 * WEEK).isoformat()
    skill = card["development"]["skill"]
    assert set(skill) == {"ensemble", *BASELINES}
    assert len({figures["rows"] for figures in skill.values()}) == 1
    assert card["as_of"] == midnight(LAST).isoformat()
    with service.store.read() as connection:
        (told,) = fits.promotions(connection, Cut())
    assert told.figures == skill
    assert (told.by, told.as_of) == ("ewarn", midnight(LAST))
    assert "beats zero" in told.reason


def test_a_champion_scores_no_origin_that_lies_before_what_it_knew(service: Service) -> None:
    score(service, GDELT, NOW, origin=LAST - WEEK)
    assert {item.model for item in newest(service, Cut(midnight(LAST - WEEK)))} == {
        f"detector@{Detector.version}"
    }


def test_what_is_shipped_is_calibrated_only_where_it_did_not_know_what_came(
    service: Service,
) -> None:
    def bases(day: date) -> set[Basis]:
        with service.store.read() as connection:
            found = serving(service, connection, "mass-mobilization", Cut(midnight(day), NOW))
        return {model.basis for model in found}

    assert bases(date(2000, 1, 3)) == bases(date(2013, 12, 30)) == {Basis.ILLUSTRATION}
    assert bases(date(2014, 1, 6)) == {Basis.CALIBRATED}


def test_a_month_without_new_outcomes_is_a_no_op_that_says_so(service: Service) -> None:
    assert sources_to_fit(service) == [GDELT]
    report = fit_force(service, now=NOW + 3 * WEEK, only_if_new=True)
    assert (report.fit_id, report.promoted) == (None, False)
    assert report.reason.startswith("no four weeks of outcomes have matured since those before")
    report = fit_force(service, now=NOW + 8 * WEEK, only_if_new=True)
    assert (report.fit_id, report.promoted) == (None, False)
    assert "outcomes have matured at origins from" in report.reason
    assert "a promotion test needs 20" in report.reason


def test_a_champion_is_challenged_on_rows_that_it_was_not_fitted_on(service: Service) -> None:
    first = champion(service)
    fill(service, first=LAST, end=YEAR_LATER, seed=4)
    report = fit_force(service, now=midnight(YEAR_LATER), only_if_new=True)
    assert report.fit_id not in (None, first.id)
    with service.store.read() as connection:
        made = fits.load(connection, report.fit_id or 0)
    trial = made.card["development"]
    assert trial["origins"].startswith(f"weekly from {first.labels_before}")
    figures = trial["skill"]
    rivals = ("champion", *BASELINES)
    beaten = all(
        figures["ensemble"]["log_score"] > figures[name]["log_score"]
        and figures["ensemble"]["brier"] < figures[name]["brier"]
        for name in rivals
    )
    assert report.promoted is beaten
    assert champion(service).id == (made.id if beaten else first.id)


def test_a_fit_on_too_few_outcomes_is_not_promoted_by_hand_either(service: Service) -> None:
    document = json.loads(champion(service).document)
    document["positives"] = 299
    with pytest.raises(ModelError, match="too few outcomes to be calibrated on gdelt"):
        promote(service, added(service, document), NOW, by="a test", reason="it looks well")


def test_an_altered_champion_is_not_used_and_does_not_bar_the_way(service: Service) -> None:
    with service.store.write() as connection:
        altered = "UPDATE fitted_model SET document = replace(document, '\"weights_\"', '\"w_\"')"
        connection.execute(text(altered))
    with pytest.raises(ModelError, match="was altered after it was stored"):
        score(service, GDELT, NOW)
    report = fit_force(service, now=NOW)
    assert report.reason.startswith(
        "the fitted model 1 (force at country level, 4 weeks, on gdelt)"
    )
    assert report.promoted
    assert report.fit_id == champion(service).id != 1
    score(service, GDELT, NOW)


@pytest.mark.parametrize("name", ["ensemble", "oracle"])
def test_what_this_version_cannot_read_is_not_promoted(service: Service, name: str) -> None:
    document = canonical({"format": 99, "card": {}})
    made = replace(champion(service), name=name, document=document, sha256=sha256_of(document))
    with service.store.write() as connection:
        strange = fits.add(connection, made)
    with pytest.raises(ModelError, match=rf"fitted model {strange} .*ewarn models fit"):
        promote(service, strange, NOW, by="a test", reason="why not")


def test_by_hand_an_earlier_fit_is_champion_again(service: Service) -> None:
    first = champion(service)
    second = added(service, json.loads(first.document) | {"note": "another"})
    promote(service, second, NOW, by="a person", reason="to try it")
    assert champion(service).id == second
    promote(service, first.id, NOW, by="a person", reason="back again")
    assert champion(service).id == first.id
    with service.store.read() as connection:
        assert [item.by for item in fits.promotions(connection, Cut())][1:] == ["a person"] * 2


@pytest.mark.parametrize("source", ["acled", "chronicle", "hapi", "kobo", "polecat", "unheard-of"])
def test_nothing_is_fitted_on_a_source_whose_terms_do_not_allow_it(
    service: Service, source: str
) -> None:
    fill(service, source=source, countries=4)
    with pytest.raises(UsageError, match=f"nothing is fitted on '{source}'.* gdelt, mass-mob"):
        fit(service, source, NOW)
    on = {name: SOURCES[name]() for name in (GDELT, source) if name in SOURCES}
    assert sources_to_fit(replace(service, sources=on)) == [GDELT]
    with service.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(fitted_model)).scalar() == 1


@pytest.mark.parametrize("source", ["acled", "polecat"])
def test_a_fit_on_such_a_source_never_serves_however_it_came_there(
    service: Service, source: str
) -> None:
    document = json.loads(champion(service).document)
    document["card"]["label_source"] = source
    purpose = replace(FORCE, source=source)
    id_ = added(service, document, purpose=purpose)
    with service.store.write() as connection:
        digest = fits.load(connection, id_).sha256
        at = midnight(LAST)
        smuggled = Promotion(id_, purpose, digest, NOW, at, "nobody", "smuggled", {})
        fits.promote(connection, smuggled)
    with pytest.raises(UsageError, match=f"nothing is fitted on '{source}'"):
        promote(service, id_, NOW, by="a test", reason="why not")
    with service.store.read() as connection:
        models = serving(service, connection, source, Cut())
    assert {model.name for model in models} == {"detector"}
    fill(service, source=source, countries=4)
    assert score(service, source, NOW).scores == 0


def test_the_scheduled_refit_does_what_the_command_does_and_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(structlog, "get_logger", lambda: Teller(said))
    monkeypatch.setattr(Challenge, "purposes", lambda *_: [FORCE])
    later = NOW + 3 * WEEK
    schedule.jobs_of(service)["refit"].run(service, later, later)
    (told,) = said
    assert (told["purpose"], told["promoted"]) == (str(FORCE), False)
    assert told["reason"].startswith("no four weeks of outcomes have matured")


class Teller:
    """Log that stores its lines."""

    def __init__(self, said: list[dict[str, Any]]) -> None:
        self.said = said

    def info(self, event: str, **others: Any) -> None:
        """Store one line."""
        self.said.append({"event": event} | others)
