"""Tests of `ewarn backtest`, from invented files to the three files that it writes."""

import csv
import json
import re
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ewarn.domain.region import Level
from ewarn.errors import ModelError, UsageError
from ewarn.places.gazetteer import load_gazetteer
from ewarn.run.commands import backtest as command
from ewarn.run.commands.backtest_data import Data, Files, InputFile, read_data
from ewarn.run.console import Voice
from tests.models.judging.conftest import history_of, invented, plan_of
from tests.run.conftest import Command

TOP = Path(__file__).parents[2]
FIRST = date(2010, 1, 4)
COUNTRIES = ("BEN", "CIV", "GHA", "MLI", "NER", "SEN", "TGO")
HEADER = ("source", "source_event_id", "kind", "occurred_on", "known_on", "country", "tags")
ALLOWED = "--terms-allow-training"
QUESTION = ("--horizon-weeks", "4", "--level", "country", "--refit-weeks", "30", ALLOWED)
DAYS = ("--start", "2013-01-01", "--end", "2013-12-31")


def events_file(folder: Path, source: str = "invented", years: float = 4) -> Path:
    """A file of invented events, those in the first countries more frequent."""
    random = np.random.default_rng(5)
    path = folder / f"{source}.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for place, country in enumerate(COUNTRIES):
            for week in range(int(years * 52)):
                for kind in ("protest", "arrest", "force"):
                    for number in range(random.poisson(0.3 / (1 + place))):
                        day = FIRST + timedelta(days=7 * week + int(random.integers(0, 7)))
                        known = day + timedelta(days=1 + int(random.integers(0, 20)))
                        tag = "response:killing" if kind == "force" else ""
                        name = f"{country}-{week}-{kind}-{number}"
                        writer.writerow((source, name, kind, day, known, country, tag))
    return path


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small a back-test is over before a second process has started."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return events_file(tmp_path_factory.mktemp("events"))


def test_it_writes_metrics_scores_and_a_report(
    ewarn: Command, events: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = ewarn(
        "backtest", "--events", str(events), "--target", "force", *QUESTION, *DAYS,
        "--out", str(out), "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == 1
    said = json.loads(ran.out)

    made = json.loads((out / "metrics.json").read_text())
    schema = json.loads((TOP / "docs" / "metrics.schema.json").read_text())
    jsonschema.validate(made, schema)
    assert set(made["tables"]) == {"as known", "as final"}
    models = set(made["tables"]["as known"])
    assert models >= {"zero", "base-rate", "last-poisson", "conflictology-12", "seasonal"}
    assert models >= {
        "plain-logistic",
        "ensemble",
        "contagion",
        "escalation",
        "boosting",
        "pooling",
    }
    assert made["data"]["rows_not_mature"] > 0
    assert (
        said["models"]["ensemble"]["auc"]
        == made["tables"]["as known"]["ensemble"]["all"]["auc"]["value"]
    )

    scores = pq.read_table(out / "scores.parquet")
    assert [(field.name, field.type) for field in scores.schema] == [
        ("region", pa.string()),
        ("origin", pa.timestamp("us", tz="UTC")),
        ("model", pa.string()),
        ("target", pa.string()),
        ("horizon_weeks", pa.int64()),
        ("probability", pa.float64()),
        ("outcome", pa.int8()),
        ("onset", pa.bool_()),
    ]
    frame = scores.to_pandas()
    assert len(frame) == 52 * len(COUNTRIES) * len(models) == said["rows"] * len(models)
    beyond = frame["origin"] > "2013-12-02"  # the data end with 2013
    assert frame["outcome"].isna().equals(beyond)
    assert (frame["origin"].dt.day_of_week == 0).all()
    ensemble = frame[(frame["model"] == "ensemble") & ~beyond]
    brier = ((ensemble["probability"] - ensemble["outcome"]) ** 2).mean()
    told = made["tables"]["as known"]["ensemble"]["all"]["brier"]["value"]
    assert told == pytest.approx(brier)

    html = (out / "report.html").read_text()
    assert "https://" not in html
    assert "http://" not in html
    assert "<script" not in html
    assert html.count("<svg") == 6
    for name in ("Benin", "plain-logistic", "hdx-high", "Onsets only", "Worst misses"):
        assert name in html, name
    assert re.search(r"\bnan\b|None|Undefined", html) is None
    assert not (out / "parts").exists()


@pytest.mark.parametrize(
    ("changed", "sentence", "code"),
    [
        (("--horizon-weeks", "5"), "5 is not one of 2, 4, 8, 13", 2),
        (("--end", "2012-01-01"), "--end 2012-01-01 is before --start", 2),
        (("--start", "2019-01-01", "--end", "2019-12-31"), "leaves nothing to learn from", 2),
        (
            ("--start", "2013-12-03", "--end", "2014-06-30"),
            "no Monday from 2013-12-03 to 2014-06-30 has a known outcome, which takes 4 weeks; the "
            "last Monday with one is 2013-12-02",
            2,
        ),
        (("--start", "2013-05-07", "--end", "2013-05-12"), "no Monday from", 2),
        (("--seed", "-1"), "Invalid value for '--seed'", 2),
        (("--source", "gdelt"), "hold no event of 'gdelt'; they hold invented", 1),
        (("--target", "election"), "needs a calendar: give its file with --calendar", 1),
        (("--target", "peace"), "Invalid value for '--target'", 2),
        (("--leave-countries-out", "1"), "2 groups or more", 2),
        (("--events", "nowhere.csv"), "there is no file nowhere.csv", 1),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    ewarn: Command, events: Path, tmp_path: Path, changed: tuple[str, ...], sentence: str, code: int
) -> None:
    options = ["--events", str(events), "--target", "force", *QUESTION, *DAYS]
    ran = ewarn("backtest", *options, "--out", str(tmp_path / "out"), *changed)
    assert ran.code == code, ran.err
    assert sentence in ran.err
    assert "Traceback" not in ran.err


def test_an_event_that_became_known_later_does_not_lengthen_the_past(
    events: Path, tmp_path: Path
) -> None:
    more = tmp_path / "more.csv"
    late = "invented,late,force,1990-01-03,2013-05-02,TGO,response:killing"
    more.write_text(events.read_text() + late + "\n")
    start, places = date(2013, 1, 1), load_gazetteer()

    def first(path: Path, start: date) -> date:
        files, voice = Files([path], terms_allow_training=True), Voice(json=True)
        return read_data(files, Level.COUNTRY, start, places, voice).history.first_week

    assert first(more, start) == first(events, start) == FIRST
    assert first(more, date(2013, 5, 2)) == date(1990, 1, 1)
    with pytest.raises(UsageError, match="no event of 'invented' was known by 2010-01-01; the fi"):
        first(events, date(2010, 1, 1))


def _killed(*_: object, **__: object) -> None:
    raise ModelError("The run was killed.")


def test_the_test_years_are_not_looked_at_unless_it_is_logged(
    ewarn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = events_file(tmp_path, "mass-mobilization", years=2)
    lines = [line.replace("2010-", "2004-").replace("2011-", "2005-") for line in
             file.read_text().splitlines()]  # fmt: skip
    file.write_text("\n".join(line for line in lines if "-02-29" not in line) + "\n")
    options = ["--events", str(file), "--target", "force", "--horizon-weeks", "4", "--level",
               "country", "--out", str(tmp_path / "out"), "--start", "2004-12-01"]  # fmt: skip
    options_until = ("backtest", *options, "--end", "2005-02-01")
    ran = ewarn("backtest", *options, "--end", "2005-06-01")
    assert (ran.code, ran.out) == (2, "")
    assert "are the test years, which only `make bench-final` may evaluate" in ran.err
    assert not (tmp_path / "out").exists()
    nowhere = tmp_path / "no" / "folder" / "RESULTS.md"
    ran = ewarn(*options_until, "--final", str(nowhere))
    assert (ran.code, ran.out) == (2, "")
    assert f"the log {nowhere} cannot be written (No such file or directory)" in ran.err
    assert not (tmp_path / "out").exists()
    log = tmp_path / "RESULTS.md"
    log.write_text("before\n")
    monkeypatch.chdir(TOP)
    with monkeypatch.context() as killed:
        killed.setattr("ewarn.run.commands.backtest.rolling", _killed)
        assert ewarn(*options_until, "--final", str(log)).code != 0
    begun = r"Begun \d{4}-\d\d-\d\d \d\d:\d\d UTC, commit \w+.*: force, 4 weeks, country, mass-mo"
    assert re.search(begun, log.read_text())
    ran = ewarn(*options_until, "--final", str(log))
    assert ran.code == 0, ran.err
    written = log.read_text()
    assert len(re.findall(begun, written)) == 2
    assert written.startswith("before\n")
    assert re.search(r"## Test of force, 4 weeks, country: \d{4}-\d\d-\d\d .* commit \w+", written)
    assert re.search(r"\| ensemble \| \d\.\d{3} \|", written)


def test_parts_rest_on_what_a_file_was_read_as_and_on_the_code_of_sources(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = []
    hashed = []

    def versions(*packages: ModuleType) -> str:
        hashed.append({package.__name__ for package in packages})
        return "the code"

    monkeypatch.setattr(command, "code_version", versions)
    for role in ("events", "calendar"):
        data = Data(history_of(invented()), "s", {}, [InputFile(role, "f.csv", "0" * 64)])
        keys.append(command._key(plan_of(), data))
    assert keys[0] != keys[1]
    assert hashed == [{"ewarn", "ingest", "models"}] * 2


def test_what_lies_in_the_folder_of_parts_is_left_alone(
    ewarn: Command, events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "rolling", _killed)
    own = tmp_path / "parts" / "own.txt"
    own.parent.mkdir()
    own.write_text("mine")
    ran = ewarn("backtest", "--events", str(events), "--target", "force", *QUESTION, *DAYS,
                "--out", str(tmp_path), "--no-resume")  # fmt: skip
    assert "The run was killed." in ran.err
    assert own.read_text() == "mine"


def test_a_source_whose_terms_forbid_it_is_never_learned_from(
    ewarn: Command, tmp_path: Path
) -> None:
    file = events_file(tmp_path, "acled", years=4)
    ran = ewarn("backtest", "--events", str(file), "--target", "force", *QUESTION, *DAYS,
                "--out", str(tmp_path / "out"))  # fmt: skip
    assert ran.code == 2
    assert "the terms of 'acled' do not allow training models on it" in ran.err


def test_a_source_whose_terms_nobody_knows_is_not_learned_from_unasked(
    ewarn: Command, tmp_path: Path
) -> None:
    file = events_file(tmp_path, "acled-export", years=4)
    options = ["backtest", "--events", str(file), "--target", "force", *QUESTION, *DAYS,
               "--out", str(tmp_path / "out")]  # fmt: skip
    options.remove(ALLOWED)
    ran = ewarn(*options)
    assert ran.code == 2
    assert "the terms of 'acled-export' are not known" in ran.err
    assert "give --terms-allow-training" in ran.err


def judged_elections(
    ewarn: Command, events: Path, out: Path, countries: Sequence[str], months: Sequence[str]
) -> set[str]:
    """Judge incidents around the votes of these countries and months; returns the models."""
    elections = out.with_suffix(".csv")
    elections.write_text(events.read_text().replace(",force,", ",election,"))
    calendar = out.with_name("votes.csv")
    rows = [
        f"{country}-{year}-{month},{country},{year}-{month}-16,vote,election,{year}-01-10"
        for country in countries
        for year in range(2010, 2014)
        for month in months
    ]
    header = "source_event_id,country,date,what,topic,announced_on"
    calendar.write_text("\n".join([header, *rows]) + "\n")
    ran = ewarn(
        "backtest", "--events", str(elections), "--calendar", str(calendar), "--target", "election",
        "--horizon-weeks", "2", "--level", "country", ALLOWED, *DAYS, "--out", str(out), "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return set(json.loads(ran.out)["models"])


def test_elections_are_judged_where_polling_is_near_by_baselines_only(
    ewarn: Command, events: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    models = judged_elections(ewarn, events, out, COUNTRIES[:3], ["05"])
    assert models == {"zero", "base-rate", "last-poisson", "conflictology-12", "seasonal"}
    scores = pq.read_table(out / "scores.parquet").to_pandas()
    assert set(scores["region"]) == set(COUNTRIES[:3])
    assert set(scores["origin"].dt.strftime("%m-%d")) == {
        f"{FIRST + timedelta(weeks=week):%m-%d}" for week in range(168, 184)
    }
    assert "incidents around an election" in (out / "report.html").read_text()
    assert json.loads((out / "metrics.json").read_text())["alerts"] is None


def test_elections_have_fitted_models_once_a_hundred_incidents_were_learned_from(
    ewarn: Command, events: Path, tmp_path: Path
) -> None:
    models = judged_elections(ewarn, events, tmp_path / "out", COUNTRIES, ["02", "05", "08", "11"])
    assert {"plain-logistic", "ensemble", "zero"} <= models
