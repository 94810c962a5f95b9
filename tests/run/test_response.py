"""Tests of `ewarn deployments` and `ewarn recommendations`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.run.conftest import Command

WHO = ("--by", "Dakar office", "--reason", "why")
FILE = """country,body,text,owner,given_on,due_on
TGO,upr,Free the held,office,2017-01-01,2018-01-01
XXX,upr,x,office,2017-01-01,
"""


def said(ewarn: Command, *arguments: str) -> dict[str, Any]:
    ran = ewarn(*arguments, "--json")
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == 1
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_a_deployment_is_proposed_and_taken_on_step_by_step(ewarn: Command) -> None:
    made = said(ewarn, "deployments", "propose", "TG", *WHO, "--on", "2020-01-06")
    assert (made["stage"], made["country"], made["proposed_on"]) == (
        "proposed",
        "TGO",
        "2020-01-06",
    )
    id_ = made["id"]
    early = ewarn("deployments", "step", id_, "deployed", *WHO)
    assert early.code == 2
    assert "nobody is deployed without consent" in early.err
    days = {"consent_requested": 7, "consented": 8, "deployed": 9, "ended": 29}
    for step, day in days.items():
        taken = said(ewarn, "deployments", "step", id_, step, *WHO, "--on", f"2020-01-{day:02}")
    assert (taken["stage"], taken["ended_on"], taken["effect"]) == ("ended", "2020-01-29", None)
    shown = said(ewarn, "deployments", "show", id_)
    assert [step["kind"] for step in shown["steps"]] == ["proposed", *days]
    assert {step["by"] for step in shown["steps"]} == {"Dakar office"}
    listed = said(ewarn, "deployments", "list", "--country", "TGO")
    assert [each["id"] for each in listed["deployments"]] == [id_]
    assert said(ewarn, "deployments", "list", "--country", "BEN") == {"deployments": []}
    told = ewarn("deployments", "list")
    assert told.out.endswith("1 deployments\n")
    assert said(ewarn, "doctor")["audit trail"] == "whole"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("propose", "TGO", *WHO, "--playbook", "none"), 2, "no playbook 'none'"),
        (("propose", "TGO", *WHO, "--playbook", "watch"), 2, "sends nobody"),
        (("propose", "TG-M", *WHO), 2, "TG-M is not a country"),
        (("propose", "TGO", *WHO, "--on", "soon"), 2, "--on"),
        (("step", "d9", "consented", *WHO), 2, "no deployment 'd9'"),
        (("step", "d9", "flown", *WHO), 2, "the steps are consent_requested"),
        (("show", "d9"), 2, "no deployment 'd9'"),
        (("judge", "d9", "--kind", "peace"), 2, "the kinds are protest"),
        (("judge", "d9"), 2, "no deployment 'd9'"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    ewarn: Command, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ran = ewarn("deployments", *arguments)
    assert ran.code == code
    assert says in ran.err
    assert "Traceback" not in ran.err


def test_a_file_is_imported_once_and_its_counts_are_told(ewarn: Command, tmp_path: Path) -> None:
    file = tmp_path / "upr.csv"
    file.write_text(FILE, encoding="utf-8")
    found = said(ewarn, "recommendations", "import", str(file), "--by", "Dakar office")
    assert (found["added"], found["amended"], found["unchanged"]) == (1, 0, 0)
    assert [each["line"] for each in found["rejected"]] == [3]
    again = ewarn("recommendations", "import", str(file), "--by", "Dakar office")
    assert again.out.splitlines()[-1] == "0 added, 0 amended, 1 unchanged, 1 refused"
    (late,) = said(ewarn, "recommendations", "list", "--overdue")["recommendations"]
    assert (late["text"], late["due_on"]) == ("Free the held", "2018-01-01")
    assert ewarn("recommendations", "list").out.endswith("1 recommendations\n")
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    wrong = ewarn("recommendations", "import", str(file), "--by", "x")
    assert (wrong.code, "no column 'country'" in wrong.err) == (1, True)
    lost = ewarn("recommendations", "import", str(tmp_path / "none.csv"), "--by", "x")
    assert (lost.code, "cannot be read" in lost.err) == (1, True)
