"""Skill of the relevance model for stories, and the parameters that the package ships for it.

`python -m benchmarks.relevance` fits on one real file and the invented stories, tests on the other
file, and the other way round. With `--write` it also fits on all of them and writes
`ingest/data/relevance.json`. It needs the two real files beside the project.
"""

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

from benchmarks.story_labels import (
    FILES,
    Labelled,
    are_there,
    invented,
    labelled_twice,
    real,
)
from ingest.gdelt.relevance import Relevance, features, is_between_roles, is_silent

PARAMETERS = Path(__file__).parents[1] / "ingest" / "data" / "relevance.json"
PENALTY = 0.3  # scikit-learn's C
INVENTED_WEIGHT = 0.3  # weight of an invented story, relative to a real one
RECALL = 0.6


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a number, with a 90% interval of its share (Wilson 1927)."""

    some: int
    number: int

    def __str__(self) -> str:
        if not self.number:
            return "none"
        low, high = self.interval()
        return f"{self.some / self.number:.0%} ({low:.0%}-{high:.0%}) of {self.number}"

    def interval(self) -> tuple[float, float]:
        """Return the bounds of the share."""
        z, n, share = 1.645, self.number, self.some / self.number
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        return middle - half, middle + half


def fitted(parts: Sequence[tuple[Labelled, float]], threshold: float = 0.5) -> Relevance:
    """Fit a regression on parts of labelled stories, each with the weight of one of its stories."""
    columns = [features(part.rows) for part, _ in parts]
    names = list(columns[0])
    table = np.concatenate([np.column_stack([each[name] for name in names]) for each in columns])
    label = np.concatenate([part.label[part.story] for part, _ in parts])
    weight = np.concatenate([part.weights() * of_one for part, of_one in parts])
    found = LogisticRegression(C=PENALTY, max_iter=5000).fit(table, label, sample_weight=weight)
    rounded = {name: round(float(at), 4) for name, at in zip(names, found.coef_[0], strict=True)}
    return Relevance(rounded, round(float(found.intercept_[0]), 4), threshold)


def judged(fit: Relevance, part: Labelled) -> np.ndarray:
    """Return the probability of each row, float (rows,).

    If the address of a row holds no words, it is 1 or 0, depending on the roles of its actors.
    """
    by_roles = is_between_roles(part.rows).astype(float)
    return np.where(is_silent(part.rows), by_roles, fit.probability(part.rows))


def crossed() -> dict[int, tuple[Labelled, np.ndarray]]:
    """Return each file's stories, and their probabilities by a fit without this file."""
    files = {year: real(year) for year in FILES}
    more, _ = invented()
    found = {}
    for year, tested in files.items():
        others = [(part, 1.0) for other, part in files.items() if other != year]
        fit = fitted([*others, (more, INVENTED_WEIGHT)])
        found[year] = (tested, tested.highest(judged(fit, tested)))
    return found


def precision_at(label: np.ndarray, value: np.ndarray, recall: float = RECALL) -> Share:
    """Return the precision at the threshold that finds a share `recall` of all relevant stories."""
    order = np.argsort(-value, kind="stable")
    found = np.cumsum(label[order])
    taken = int(np.searchsorted(found, math.ceil(recall * label.sum()))) + 1
    return Share(int(found[taken - 1]), taken)


def best_threshold(label: np.ndarray, value: np.ndarray) -> float:
    """Return the probability with the best combination of precision and recall (F1)."""
    levels = np.unique(value)

    def f1(level: float) -> float:
        taken = value >= level
        return float(2 * (label & taken).sum() / (taken.sum() + label.sum()))

    return round(float(max(levels, key=f1)), 3)


def precision_and_recall(label: np.ndarray, taken: np.ndarray) -> tuple[Share, Share]:
    """Return precision and recall of the selected stories."""
    both = int((label & taken).sum())
    return Share(both, int(taken.sum())), Share(both, int(label.sum()))


def main() -> None:
    """Print the tables, and with `--write` write the parameters and their card."""
    print(f"labelled twice: Cohen's kappa {cohen_kappa_score(*labelled_twice()):.2f}")
    if not are_there():
        sys.exit("The two real files are not in ../shared/data: nothing to fit on.")
    found = crossed()
    label = np.concatenate([part.label for part, _ in found.values()])
    value = np.concatenate([each for _, each in found.values()])
    threshold = best_threshold(label, value)
    for year, (part, each) in found.items():
        print(f"file of {year}, fitted without it: {len(part.label)} stories")
        print(f"  code alone: precision {Share(int(part.label.sum()), len(part.label))}")
        print(f"  precision at {RECALL:.0%} recall: {precision_at(part.label, each)}")
    ways = {
        "code alone": np.ones(len(label), bool),
        "roles of actors": np.concatenate([part.by_actors for part, _ in found.values()]),
        f"model, from {threshold}": value >= threshold,
    }
    kinds = np.concatenate([part.kind for part, _ in found.values()])
    for kind in ("all kinds", *sorted(set(kinds.tolist()))):
        some = (kinds == kind) | (kind == "all kinds")
        for name, taken in ways.items():
            print(f"  {kind}, {name}: {_line(label[some], taken[some])}")
    _languages(threshold)
    if "--write" in sys.argv:
        _write(threshold)


def _line(label: np.ndarray, taken: np.ndarray) -> str:
    precision, recall = precision_and_recall(label, taken)
    return f"precision {precision}, recall {recall}"


def _languages(threshold: float) -> None:
    """Evaluate invented stories of each language, by a fit on real files and other languages."""
    more, languages = invented()
    of = np.array(languages)[more.story]
    for language in sorted(set(languages)):
        parts = [(real(year), 1.0) for year in FILES]
        rest = _some(more, of != language)
        tested = _some(more, of == language)
        fit = fitted([*parts, (rest, INVENTED_WEIGHT)])
        value = tested.highest(judged(fit, tested))
        print(f"  invented, {language}: {_line(tested.label, value >= threshold)}")


def _some(part: Labelled, rows: np.ndarray) -> Labelled:
    """Return some of the stories, where each row is a story."""
    stories = type(part.rows)(**{n: getattr(part.rows, n)[rows] for n in part.rows.__slots__})
    at = part.story[rows]
    return Labelled(stories, np.arange(len(at)), part.kind[at], part.label[at], part.by_actors[at])


def _write(threshold: float) -> None:
    more, _ = invented()
    parts = [(real(year), 1.0) for year in FILES]
    found = fitted([*parts, (more, INVENTED_WEIGHT)], threshold)
    card = {
        "method": "logistic regression, L2",
        "C": PENALTY,
        "stories": {
            str(year): len(part.label) for year, (part, _) in zip(FILES, parts, strict=True)
        }
        | {"invented": len(more.label)},
        "see": "docs/relevance.md",
    }
    text = json.dumps({"card": card} | asdict(found), indent=1, ensure_ascii=False)
    PARAMETERS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
