"""Tests that each promise of the pages on misuse and data protection is covered by a test.

`promises.yaml` lists all sentences of these pages in order, each with its tests or the reason why
it has none. A changed sentence makes these tests fail, so that somebody checks what covers it.
"""

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ewarn.domain.region import Level
from ewarn.domain.target import SERVED_TARGETS
from ewarn.frames.events import EVENT_COLUMNS
from ewarn.rulebook.playbooks import read_playbooks
from ingest.registry import SOURCES

TESTS = Path(__file__).parent
PAGES = ("misuse", "data-protection")
# The kinds of sentences that no test can cover.
KINDS = {
    "purpose": "what the service is for, or what it must not be used for",
    "people": "what people are asked to do, or might do",
    "source": "what a publisher does, or how the world is",
    "summary": "said in full by the sentences after it",
    "limit": "what is not there yet",
}


def sentences(page: str) -> list[str]:
    """Return the sentences of a page of `docs`, without headings and bold marks."""
    text = (TESTS.parent / "docs" / f"{page}.md").read_text(encoding="utf-8")
    blocks = (block.strip() for block in re.split(r"\n\s*\n|\n(?=- )", text))
    lines = (
        " ".join(block.removeprefix("- ").split()).replace("**", "")
        for block in blocks
        if block and not block.startswith("#")
    )
    return [part for line in lines for part in re.split(r"(?<=[.:])\s+(?=[A-Z`])", line)]


@cache
def promises() -> dict[str, list[dict[str, Any]]]:
    listed: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        (TESTS / "promises.yaml").read_text(encoding="utf-8")
    )
    return listed


@pytest.mark.parametrize("page", PAGES)
def test_every_sentence_is_listed_in_its_order(page: str) -> None:
    assert [entry["says"] for entry in promises()[page]] == sentences(page)


@pytest.mark.parametrize("page", PAGES)
def test_every_sentence_has_tests_or_says_why_it_has_none(page: str) -> None:
    for entry in promises()[page]:
        assert set(entry) in ({"says", "tests"}, {"says", "is"}), entry
        assert entry.get("is", "purpose") in KINDS, entry
        for name in entry.get("tests", []):
            path, _, function = name.partition("::")
            code = (TESTS.parent / path).read_text(encoding="utf-8")
            assert f"def {function}(" in code, name


def test_nothing_is_finer_than_a_subdivision() -> None:
    assert set(Level) == {Level.COUNTRY, Level.ADMIN1}


def test_no_rule_uses_a_forecast_of_deaths() -> None:
    assert set(SERVED_TARGETS) == {"force", "escalation", "killings"}


def test_an_event_has_no_column_for_who_took_part() -> None:
    assert not re.search("actor|organi[sz]er|name|group|movement|side", " ".join(EVENT_COLUMNS))


def test_what_is_suggested_protects() -> None:
    folder = TESTS.parent / "ewarn" / "rulebook" / "defaults"
    playbooks = read_playbooks((folder / "playbooks.yaml").read_text(encoding="utf-8"))
    for playbook in playbooks.values():
        said = playbook.suggestion["en"]
        assert said.startswith(("propose to the Government", "call the country team")), said
        assert bool(playbook.team) == bool(playbook.consent_of), playbook.id


def test_what_is_learned_from_is_what_the_pages_say() -> None:
    learned_from = {name for name in SOURCES if SOURCES[name]().terms.train}
    assert learned_from == {"gdelt", "mass-mobilization", "ucdp"}
    passed_on = {name for name in SOURCES if SOURCES[name]().terms.redistribute}
    assert passed_on.isdisjoint({"acled", "hapi", "kobo", "polecat", "reports"})


def test_a_raw_payload_is_kept_only_where_it_names_nobody() -> None:
    # Payloads of ACLED are reduced, those of HAPI are counts, and the chronicle is in the package.
    kept = {name for name in SOURCES if SOURCES[name]().retention > timedelta(0)}
    assert kept == {"acled", "hapi", "chronicle"}
