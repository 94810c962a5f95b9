"""Tests that GDELT gets a probability of killings from UCDP's outcomes; both are invented."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ewarn.domain.fit import Purpose
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.pipeline.alerts.alert import alert
from ewarn.pipeline.models.fit import pairs_to_fit
from ewarn.pipeline.models.outcomes_so_far import outcomes_so_far
from ewarn.pipeline.service import Service
from ewarn.store.database.cuts import Cut
from ewarn.store.scores import fits
from tests.pipeline.two_sources import (
    FIRST,
    GDELT,
    KILLINGS,
    NOW,
    made,
    opened,
    read_weeks,
    target_scores,
)

PAIR = Purpose(GDELT, Target.KILLINGS, Level.COUNTRY, 4, KILLINGS.source)


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("killings") / "ewarn.db"
    report = made(sqlite_template, path, 40, KILLINGS)
    assert report.promoted, report.reason
    return path


@pytest.fixture
def service(filled: Path, tmp_path: Path) -> Iterator[Service]:
    path = tmp_path / "ewarn.db"
    path.write_bytes(filled.read_bytes())
    with opened(path) as found:
        yield found


def test_one_release_that_holds_years_is_enough_to_learn_and_to_be_tried(service: Service) -> None:
    with service.store.read() as connection:
        (stored,) = fits.every(connection, Cut())
        (so_far,) = [
            each for each in outcomes_so_far(service, connection, NOW) if each.outcomes == "ucdp"
        ]
    assert stored.purpose == PAIR
    card = stored.card
    assert (card["signal_source"], card["label_source"]) == (GDELT, "ucdp")
    assert any("in which forces of a state killed" in said for said in card["weaknesses"])
    assert "Uppsala" in card["data"]
    assert so_far.matured == card["fitted_on"]["positives"] >= 300
    assert card["development"]["skill"]["ensemble"]["log_score"] is not None
    assert pairs_to_fit(service, NOW) == [(GDELT, "ucdp")]


def test_its_scores_speak_of_killings_and_a_rule_listens(service: Service) -> None:
    found = target_scores(service, Target.KILLINGS)
    assert {item.basis for item in found} == {Basis.CALIBRATED}
    high = {item.region for item in found if (item.probability or 0.0) >= 0.2}
    opened = [each.change.alert for each in alert(service, NOW).changes]
    assert high
    assert {each.region for each in opened if each.rule == "killings-country"} == high


@pytest.mark.parametrize(
    ("machine", "people", "words"),
    [
        ((FIRST, KILLINGS.ended), None, "ucdp was not read yet: name ucdp in EWARN_SOURCES"),
        (None, (FIRST, KILLINGS.ended), "no week of gdelt was read yet: back-fill it"),
        (
            (date(2020, 5, 4), date(2020, 6, 1)),
            (FIRST, date(2020, 4, 27)),
            "ucdp covers weeks up to 2020-04-20: back-fill gdelt to before that",
        ),
        (
            (date(2020, 3, 2), date(2020, 6, 1)),
            (FIRST, date(2020, 4, 27)),
            "0 of 300 matured outcomes of ucdp since 2020-03",
        ),
    ],
)
def test_it_says_which_weeks_are_missing(
    sqlite_template: Path,
    tmp_path: Path,
    machine: tuple[date, date] | None,
    people: tuple[date, date] | None,
    words: str,
) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(sqlite_template.read_bytes())
    with opened(path) as service:
        for source, weeks in ((GDELT, machine), (KILLINGS.source, people)):
            if weeks is not None:
                read_weeks(service, source, *weeks)
        with service.store.read() as connection:
            _, so_far = outcomes_so_far(service, connection, NOW)
    assert so_far.sentence.startswith(words)
