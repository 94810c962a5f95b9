"""Tests that `ewarn effect` says that the effect in Togo 2017-18 cannot be known."""

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.run.conftest import Command

TOGO = ("effect", "--source", "chronicle", "--region", "TGO", "--start", "2017-12-01")
END = ("--end", "2018-03-31")


def test_togo_is_not_identifiable_and_says_why(ewarn: Command) -> None:
    ran = ewarn(*TOGO, *END, "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert found["verdict"] == "not identifiable from these data"
    told = " ".join(found["reasons"] + found["cautions"])
    for part in (
        "compiled by hand by people who knew what came later",
        "of the 16 weeks of the deployment hold a row of it",
        "events of dialogue",
        "No donors were named",
    ):
        assert part in told
    assert found["estimates"] == []
    study = found["study"]
    assert (study["start"], study["end"]) == ("2017-12-04", "2018-03-26")
    weeks = date.fromisoformat(study["end"]) - date.fromisoformat(study["first_week"])
    assert len(study["counts"]) == weeks.days // 7
    assert sum(count or 0 for count in study["counts"]) > 20


def test_people_are_told_in_sentences(ewarn: Command) -> None:
    ran = ewarn(*TOGO, *END, "--donor", "BEN")
    said = ran.out + ran.err
    assert "TGO, force, 2017-12-04 to 2018-03-26: not identifiable from these data" in said
    assert "of 1 donors can be used, fewer than 5" in said


def test_a_stored_source_is_judged_by_its_observed_weeks(ewarn: Command, tmp_path: Path) -> None:
    """Invented events: two a week for two years, none in the four months of the deployment."""
    first = date(2016, 1, 4)
    random = np.random.default_rng(1)
    days = [
        first + timedelta(weeks=week, days=2)
        for week in range(130)
        for _ in range(random.poisson(2.0) if not 100 <= week < 117 else 0)
    ]
    rows = [f"invented,{number},force,{day},TGO" for number, day in enumerate(days)]
    file = tmp_path / "events.csv"
    file.write_text(
        "\n".join(["source,source_event_id,kind,occurred_on,country", *rows]), encoding="utf-8"
    )
    assert ewarn("import", str(file)).code == 0
    start, end = first + timedelta(weeks=100), first + timedelta(weeks=117, days=-1)
    asked = ("effect", "--source", "invented", "--region", "TGO", "--start", str(start))
    found = json.loads(ewarn(*asked, "--end", str(end), "--json").out)
    assert found["study"]["first_week"] == str(first)
    assert sum(found["study"]["counts"]) == sum(day < start for day in days)
    assert found["verdict"] == "fewer", found["reasons"]
    assert "No donors" in found["cautions"][0]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ((*TOGO, *END, "--source", "gdelt"), 1, "holds no events of 'gdelt'"),
        ((*TOGO, *END, "--region", "XXX"), 2, "XXX"),
        ((*TOGO, *END, "--kind", "peace"), 2, "--kind peace: the kinds are protest"),
        ((*TOGO, "--end", "2017-12-05"), 2, "holds no whole week"),
        ((*TOGO, "--end", "2999-01-01"), 2, "is not over yet"),
        ((*TOGO, *END, "--donor", "TGO"), 2, "cannot be its own donor"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    ewarn: Command, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = ewarn(*arguments)
    assert ran.code == code
    assert says in ran.err
