"""Tests that GDELT gets a probability of lethal force from outcomes that people coded."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete

from ewarn.domain.fit import Promotion, Purpose, Trial, canonical, sha256_of
from ewarn.domain.region import Level
from ewarn.domain.target import Band, Basis, Target
from ewarn.domain.time import midnight
from ewarn.errors import UsageError
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.models.champions import promote, serving
from ewarn.pipeline.models.fit import fit, pairs_to_fit
from ewarn.pipeline.models.outcomes_so_far import outcomes_so_far
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits, outcomes
from ewarn.store.tables.models import promotion
from models.fitting.challenge import Challenge
from tests.pipeline.two_sources import (
    ENDED,
    GDELT,
    LAST,
    NOW,
    PROTESTS,
    fit_pair,
    made,
    opened,
    target_scores,
)

PEOPLE = PROTESTS.source
PAIR = Purpose(GDELT, Target.FORCE, Level.COUNTRY, 4, PEOPLE)


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pair") / "ewarn.db"
    report = made(sqlite_template, path, 40, PROTESTS)
    assert report.promoted, report.reason
    return path


@pytest.fixture(scope="module")
def with_few(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("few") / "ewarn.db"
    report = made(sqlite_template, path, 15, PROTESTS)
    assert report.promoted, report.reason
    assert "it is provisional, and no rule listens to it" in report.reason
    return path


@pytest.fixture
def service(filled: Path, tmp_path: Path) -> Iterator[Service]:
    path = tmp_path / "ewarn.db"
    path.write_bytes(filled.read_bytes())
    with opened(path) as found:
        yield found


@pytest.fixture
def few(with_few: Path, tmp_path: Path) -> Iterator[Service]:
    path = tmp_path / "few.db"
    path.write_bytes(with_few.read_bytes())
    with opened(path) as found:
        yield found


def test_what_people_coded_gives_the_machine_a_probability(service: Service) -> None:
    with service.store.read() as connection:
        (stored,) = fits.every(connection, Cut())
        (told,) = fits.promotions(connection, Cut())
        models = serving(service, connection, GDELT, Cut.at(NOW))
    assert stored.purpose == told.purpose == PAIR
    card = stored.card
    assert (card["signal_source"], card["label_source"]) == (GDELT, PEOPLE)
    assert all(signal.startswith("gdelt:") for signal in card["signals"])
    assert "Mass Mobilization" in card["data"]
    assert "GDELT" in card["data"]
    assert "detector" in card["development"]["skill"]
    assert card["fitted_on"]["labels_before"] == ENDED.isoformat()
    assert [m.basis for m in models if (m.target, m.level) == (PAIR.target, PAIR.level)] == [
        Basis.CALIBRATED
    ]
    found = target_scores(service, Target.FORCE)
    assert {item.basis for item in found} == {Basis.CALIBRATED}
    assert all(item.probability is not None and item.band.rank >= 0 for item in found)
    assert all(item.relative_risk is None for item in found), "nobody knows who is quiet"


def test_how_far_it_is_counts_what_a_fit_learns_from(service: Service) -> None:
    with service.store.read() as connection:
        so_far, _ = outcomes_so_far(service, connection, NOW)
        (stored,) = fits.every(connection, Cut())
    assert so_far.matured == stored.card["fitted_on"]["positives"] >= 300
    assert so_far.sentence == (
        f"{so_far.matured} of 300 matured outcomes of mass-mobilization since 2015-02"
    )


def test_without_the_other_source_it_says_what_is_missing(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "empty.db"
    path.write_bytes(sqlite_template.read_bytes())
    with opened(path) as service:
        with service.store.read() as connection:
            so_far, other = outcomes_so_far(service, connection, NOW)
        assert other.sentence.startswith("ucdp was not read yet: name ucdp in EWARN_SOURCES; no")
        assert so_far.sentence == (
            "mass-mobilization was not read yet: run `ewarn datasets fetch mass-mobilization`; "
            "no week of gdelt was read yet: back-fill it, from 2015 on at best"
        )
        assert pairs_to_fit(service, NOW) == []
        assert (
            fit_pair(service, PROTESTS).reason
            == "gdelt and mass-mobilization: not read yet; see `ewarn status`"
        )


def test_too_few_outcomes_are_shown_and_fire_no_rule(few: Service) -> None:
    found = target_scores(few, Target.FORCE)
    assert {item.basis for item in found} == {Basis.PROVISIONAL}
    assert all(item.probability is not None for item in found)
    assert all(item.low < item.probability < item.high for item in found)  # type: ignore[operator]
    assert {item.band for item in found} == {Band.UNCALIBRATED}
    assert any(item.upper is not None for item in found), "the detector's bounds stand beside it"
    highest = max(item.probability or 0.0 for item in found)
    assert highest > 0.05, "a calibrated one so high would fire"
    rules = {told.change.alert.rule for told in alert(few, NOW).changes}
    assert "force-country" not in rules


def test_a_provisional_model_silences_no_calibrated_one(few: Service) -> None:
    """The store has a fit on GDELT's own outcomes that serves."""
    with few.store.write() as connection:
        (stored,) = fits.every(connection, Cut())
        words = json.loads(stored.document) | {"label_source": GDELT, "positives": 400}
        document = canonical(words)
        own = replace(stored, purpose=PAIR.slot, document=document, sha256=sha256_of(document))
        id_ = fits.add(connection, own)
        connection.execute(delete(promotion))
        at = midnight(LAST)
        own_one = Promotion(id_, PAIR.slot, own.sha256, NOW, at, "a test", "it is there", {})
        fits.promote(connection, own_one)
    report = fit_pair(few, PROTESTS)
    assert not report.promoted
    assert f"fit {id_} (force at country level, 4 weeks, on gdelt) serves" in report.reason


def test_what_a_machine_takes_for_force_takes_its_place_by_hand_only(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service.store.read() as connection:
        (stored,) = fits.every(connection, Cut())
    document = canonical(json.loads(stored.document) | {"label_source": GDELT})
    won = Trial(stored.name, stored.version, document, 400, {}, True, "it won")
    monkeypatch.setattr(Challenge, "challenge", lambda *_: won)
    (report,) = fit(service, GDELT, NOW, target=Target.FORCE, level=Level.COUNTRY)
    assert not report.promoted
    assert f"fit {stored.id} ({PAIR}) serves" in report.reason
    assert report.fit_id is not None
    assert serves(service) == PAIR
    promote(service, report.fit_id, NOW, by="a person", reason="to compare")
    assert serves(service) == PAIR.slot


def serves(service: Service) -> Purpose:
    with service.store.read() as connection:
        (champion,) = fits.champions(connection, Cut(), GDELT)
    return champion.purpose


def test_it_is_fitted_again_only_where_more_is_known(service: Service) -> None:
    assert pairs_to_fit(service, NOW) == [(GDELT, PEOPLE)]
    report = fit_pair(service, PROTESTS, only_if_new=True)
    assert report.fit_id is None
    assert report.reason.startswith("no four weeks of outcomes have matured")
    again = fit_pair(service, PROTESTS)
    assert not again.promoted
    assert "it learned from" in again.reason


def test_its_scores_are_not_judged_by_what_the_machine_counts(service: Service) -> None:
    target_scores(service, Target.FORCE)
    with service.store.read() as connection:
        (run,) = outcomes.standing_runs(connection, NOW)
        assert PAIR.slot not in outcomes.unjudged(connection, run)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("polecat", "nothing is fitted on 'polecat'"),
        ("acled", "nothing is fitted on 'acled'"),
        ("chronicle", "nothing is fitted on 'chronicle'"),
    ],
)
def test_who_may_not_tell_outcomes_is_refused(service: Service, source: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        fit(service, GDELT, NOW, outcomes=source)


def test_only_lethal_force_is_told_by_another(service: Service) -> None:
    assert service.fitter is not None
    found = service.fitter.purposes(GDELT, PEOPLE)
    assert {(each.target, each.outcomes) for each in found} == {(Target.FORCE, PEOPLE)}
    assert Purpose(GDELT, Target.FORCE, Level.COUNTRY, 4, GDELT) == PAIR.slot
