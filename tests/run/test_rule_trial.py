"""Tests of `ewarn rules test`: its output and its exit code."""

import json
from pathlib import Path

import pytest

from ewarn.alerting.trial import EpisodeOutcome, tallied
from ewarn.pipeline.alerts.trial_record import budget_used
from ewarn.run.settings import Settings
from ewarn.run.wiring import open_service
from tests.alerting.test_trial import replayed
from tests.pipeline.weeks import REGION, play
from tests.run.conftest import Command
from tests.scores import rule

RULES = """\
- {id: one, target: force, level: admin1, horizon_weeks: 4, raise_at: 0.4, close_below: 0.1}
"""
SPAN = ("--from", "2020-01-01", "--to", "2020-12-31")


@pytest.fixture
def file(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of rules, beside a store with three weeks of scores."""
    path = tmp_path / "ewarn.db"
    path.write_bytes(sqlite_template.read_bytes())
    database = f"sqlite:///{path}"
    with open_service(Settings(database_url=database, data_dir=tmp_path, sources=())) as service:
        for week, probability in enumerate((0.3, 0.5, 0.5)):
            play(service, week, {REGION: probability, "TG-K": 0.1})
    monkeypatch.setenv("EWARN_DATABASE_URL", database)
    mine = tmp_path / "mine.yaml"
    mine.write_text(RULES)
    return mine


def test_it_tells_what_would_open_and_what_differs(ewarn: Command, file: Path) -> None:
    ran = ewarn("rules", "test", str(file), *SPAN)
    assert ran.code == 0
    said = " ".join(ran.out.split())
    assert "compared with the rules in force, on 3 origins from 2020-01-06 to 2020-01-20" in said
    assert "Only the rules in force would open: 1 TG-K force 2020-01-06" in said
    assert "would open later: 1 TG-M force 2020-01-13, in place of 2020-01-06" in said


def test_as_json_it_is_one_line_with_all_of_it(ewarn: Command, file: Path) -> None:
    ran = ewarn("rules", "test", str(file), *SPAN, "--json")
    found = json.loads(ran.out)
    assert (found["origins"], found["from"], found["to"]) == (3, "2020-01-06", "2020-01-20")
    assert found["tried"]["alerts"] == found["tried"]["rules"]["one"]["alerts"] == 1
    assert found["in_force"]["regions"]["TG-K"]["alerts"] == 1
    assert found["in_force"]["rules"]["force-admin1"]["not_judged"] == 2
    assert found["tried"]["rules"]["one"]["budget_used"] is None
    assert [each["region"] for each in found["difference"]["only_in_force"]] == ["TG-K"]
    (later,) = found["difference"]["later"]
    assert (later["opened_on"], later["in_force_opened_on"]) == ("2020-01-13", "2020-01-06")


@pytest.mark.parametrize(
    ("span", "code", "sentence"),
    [
        (("--from", "2019-01-01", "--to", "2019-02-01"), 2, "there are no scores from 2019-01-01"),
        (("--from", "2020-02-01", "--to", "2020-01-01"), 2, "is before --from"),
        (("--from", "yesterday", "--to", "2020-01-01"), 2, "--from: 'yesterday' is not a day"),
    ],
)
def test_a_span_that_cannot_be(
    ewarn: Command, file: Path, span: tuple[str, ...], code: int, sentence: str
) -> None:
    ran = ewarn("rules", "test", str(file), *span)
    assert ran.code == code
    assert sentence in ran.err


def test_a_file_that_cannot_be_used(ewarn: Command, file: Path) -> None:
    file.write_text(RULES.replace("force", "peace"))
    wrong = ewarn("rules", "test", str(file), *SPAN)
    assert wrong.code != 0
    assert "mine.yaml, line 1: 'peace' is not a target" in wrong.err
    file.write_bytes(b"\xff\xfe")
    assert "not a text in UTF-8" in ewarn("rules", "test", str(file), *SPAN).err
    file.unlink()
    assert "cannot be read" in ewarn("rules", "test", str(file), *SPAN).err


def test_the_share_of_a_budget_that_was_used() -> None:
    tally = tallied(replayed({REGION: [0.3]}), [EpisodeOutcome(True, None)], 365, 365)
    assert budget_used(rule(budget=4.0), tally) == 0.25
    assert budget_used(rule(), tally) is None
