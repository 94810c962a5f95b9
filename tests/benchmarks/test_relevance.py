"""Tests of the labels of stories, and of the figures that they give."""

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from benchmarks import relevance
from benchmarks.relevance import Share, best_threshold, precision_at
from benchmarks.story_labels import FILES, HERE, invented, labelled_twice, real
from ingest.gdelt.relevance import load_relevance


@pytest.fixture
def files(shared_data: Callable[[str], Path]) -> None:
    """Skips where the real files are not at hand."""
    for name in FILES.values():
        shared_data(name)


def test_precision_at_a_recall_is_of_the_highest_values() -> None:
    label = np.array([True, False, True, False, True])
    value = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert precision_at(label, value, 0.6) == Share(2, 3)
    assert precision_at(label, value, 1.0) == Share(3, 5)


def test_the_best_threshold_balances_precision_and_recall() -> None:
    label = np.array([True, True, False, False])
    assert best_threshold(label, np.array([0.9, 0.5, 0.4, 0.1])) == 0.5


def test_a_share_says_how_sure_it_is() -> None:
    assert str(Share(5, 10)) == "50% (27%-73%) of 10"
    assert str(Share(0, 0)) == "none"


def test_labels_are_kept_without_addresses() -> None:
    text = (HERE / "story_labels.csv").read_text(encoding="utf-8")
    assert "http" not in text
    rows = list(csv.DictReader(text.splitlines()))
    assert Counter(row["file"] for row in rows) == {"2015": 158, "2019": 137}
    assert len({(row["address"], row["kind"]) for row in rows}) == len(rows)
    assert {row[name] for row in rows for name in ("first", "second", "agreed")} == {"yes", "no"}


def test_two_people_labelled_alike() -> None:
    assert cohen_kappa_score(*labelled_twice()) > 0.9


def test_invented_stories_are_on_no_real_host_and_in_ten_languages() -> None:
    text = (HERE / "invented_stories.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert all(row["address"].split("/")[2].endswith(".example") for row in rows)
    by_language = Counter(row["language"] for row in rows)
    assert len(by_language) == 10
    assert min(by_language.values()) >= 60
    assert len(invented()[0].label) == len(rows)


@pytest.mark.usefixtures("files")
def test_half_of_what_counts_is_relevant_at_sixty_percent_recall_on_a_file_not_seen() -> None:
    for year, (part, value) in relevance.crossed().items():
        found = precision_at(part.label, value)
        assert found.some / found.number >= 0.5, year


@pytest.mark.usefixtures("files")
def test_the_numbers_that_are_shipped_are_those_of_the_labels() -> None:
    more, _ = invented()
    parts = [(real(year), 1.0) for year in FILES]
    found = relevance.fitted([*parts, (more, relevance.INVENTED_WEIGHT)])
    shipped = load_relevance()
    assert found.weights == pytest.approx(shipped.weights, abs=2e-3)
    assert found.intercept == pytest.approx(shipped.intercept, abs=2e-3)
