"""The plan of the house: what stands in the rooms, how long files are, who reads the clock."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
PACKAGES = ("ewarn", "api", "ingest", "models")
SOURCES = [path for package in PACKAGES for path in sorted((TOP / package).rglob("*.py"))]

# Every file of the three rooms, so that no unplanned one appears.
ROOMS = {
    "ingest": (
        "acled acled_pages acled_rows acled_token calendar calendar_csv calendar_days "
        "calendar_entry calendar_facts calendar_ics calendar_pared cells chronicle dataverse "
        "exchange exchange_coverage exchange_folder exchange_placing exchange_wording folder gdelt "
        "gdelt_editions gdelt_files gdelt_lines gdelt_places gdelt_rows gdelt_stories "
        "hapi hapi_rows hdx imports "
        "json_cells kobo kobo_form kobo_rows mass_mobilization mass_mobilization_rows packed "
        "polecat polecat_rows positions registry relevance story_words ucdp ucdp_rows web"
    ),
    "models": (
        "alarm_shares base_rate boosting branching by_volume calibration challenge "
        "changepoint conflictology conformal contagion count_tails country_months crps "
        "crps_stacking cusum detection detector discovery drivers ears effect ensemble "
        "escalation farrington fatalities fatality_baselines fatality_members features "
        "fitting inputs interrupted intervals kept last_poisson lessons linear members "
        "message_card neighbours nowcast past_year plain_logistic pooling quasipoisson rates "
        "reference_weeks registry rehearsal scorecard seasonal series shipped simplex "
        "simulated_world slowing stacking sums surge synthetic targets training trial "
        "two_passes votes zero"
    ),
    "models/judging": (
        "alarm_costs alerting_table between bootstrap candidates charts compute document "
        "emergencies episodes message_table messages metrics parts plan ranking report rolling "
        "rules scored scores skill strata worst"
    ),
    "api": (
        "access answers app brief_page brief_words cursors exports guard json_body key_first "
        "mail_page metrics problems queries records response_records schemas schemas_acts "
        "schemas_briefs schemas_deliveries schemas_places schemas_response schemas_rules "
        "schemas_scorecards schemas_service state templates texts unobserved withheld"
    ),
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_holds_what_is_planned_and_nothing_else(room: str) -> None:
    found = {path.stem for path in (TOP / room).glob("*.py")} - {"__init__"}
    assert found == set(ROOMS[room].split())


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_a_file_can_be_read_to_its_end() -> None:
    long = [path for path in SOURCES if path.read_text(encoding="utf-8").count("\n") > 400]
    assert long == []


def test_every_file_says_what_it_is_and_an_init_says_no_more() -> None:
    silent = [path for path in SOURCES if ast.get_docstring(_tree(path)) is None]
    busy = [p for p in SOURCES if p.name == "__init__.py" and len(_tree(p).body) != 1]
    assert silent == busy == []


def test_only_the_roof_reads_the_clock() -> None:
    clock = re.compile(r"\b(?:datetime\.now|utcnow|date\.today|time\.time)\(")
    below = [path for path in SOURCES if not path.is_relative_to(TOP / "ewarn" / "run")]
    assert [path for path in below if clock.search(path.read_text(encoding="utf-8"))] == []


def test_yaml_is_read_in_one_place() -> None:
    reads = re.compile(r"yaml\.(?:\w*load\w*|compose\w*|parse|scan)\(|import ruamel")
    found = [path for path in SOURCES if reads.search(path.read_text(encoding="utf-8"))]
    assert found == [TOP / "ewarn" / "files" / "located.py"]


def _public(scope: ast.Module | ast.ClassDef) -> Iterator[ast.AST]:
    """Public definitions of a scope and of the classes in it; what stands in functions is not."""
    for node in scope.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if not node.name.startswith("_"):
                yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node)


def test_everything_public_says_what_it_is() -> None:
    exempt = {TOP / "ewarn" / "ports.py"}  # its protocols speak for their properties
    silent = [
        f"{path.relative_to(TOP)}: {node.name}"  # type: ignore[attr-defined]
        for path in SOURCES
        if path not in exempt and "versions" not in path.parts
        for node in _public(_tree(path))
        if ast.get_docstring(node) is None  # type: ignore[arg-type]
    ]
    assert silent == []


def test_the_distribution_holds_the_four_packages() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(wheel["packages"]) == sorted(PACKAGES)


def test_the_tests_have_no_init_files() -> None:
    assert list((TOP / "tests").rglob("__init__.py")) == []
