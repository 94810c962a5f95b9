"""Parameters that are shipped with the project: fitted values and a card, without any data rows."""

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ewarn.domain.region import Level
from ewarn.domain.target import Target
from ewarn.errors import ModelError
from models.ensemble.ensemble import LABEL_SOURCE, Ensemble
from models.ensemble.intervals import Replicates
from models.ensemble.members import POOLED, PRIOR, new_members
from models.ensemble.stacking import LogPool

FOLDER = Path(__file__).parents[1] / "shipped"
FORMAT = 2
DIGITS = 7


def file_name(target: Target, level: Level, horizon_weeks: int) -> str:
    """Return the name of a parameter file, `<target>-<h>w-<level>.json`."""
    return f"{target}-{horizon_weeks}w-{level}.json"


def load(
    target: Target,
    level: Level,
    *,
    source: str = LABEL_SOURCE,
    horizon_weeks: int = 4,
    illustration: bool = False,
) -> Ensemble:
    """Return the shipped ensemble of a target, which reads the signals of `source`.

    Raises:
        ModelError: No parameters are shipped, or their format is not supported.
    """
    path = FOLDER / file_name(target, level, horizon_weeks)
    if not path.is_file():
        raise ModelError(f"No parameters are shipped for {path.stem}: run `ewarn models ship`.")
    model = Ensemble(
        target, level, source=source, horizon_weeks=horizon_weeks, illustration=illustration
    )
    return restored(model, _read(path))


def document(model: Ensemble) -> dict[str, Any]:
    """Return the parameters of a fitted ensemble as JSON values of seven significant digits."""
    drawn = model.replicates_
    return {
        "format": FORMAT,
        "members": {member.name: _learned(member) for member in model.members_},
        "pool": _learned(model.pool_),
        "replicates": {each.name: _plain(getattr(drawn, each.name)) for each in fields(drawn)},
        "label_source": model.label_source_,
        "positives": model.positives_,
        "card": model.card_,
    }


def restored(model: Ensemble, document: dict[str, Any]) -> Ensemble:
    """Set the parameters of `model` from a document, and return it.

    Raises:
        ModelError: The document has another format.
    """
    if document.get("format") != FORMAT:
        raise ModelError(
            f"The parameters have format {document.get('format')}, but only {FORMAT} can be read."
        )
    model.members_ = new_members()
    for member in model.members_:
        _restore(member, document["members"][member.name])
    model.pool_ = LogPool(PRIOR[POOLED])
    _restore(model.pool_, document["pool"])
    drawn = {name: np.array(values) for name, values in document["replicates"].items()}
    model.replicates_ = Replicates(**drawn)
    model.label_source_ = document["label_source"]
    model.positives_ = document["positives"]
    model.card_ = document["card"]
    return model


def save(model: Ensemble, folder: Path) -> Path:
    """Write a fitted ensemble to a file in `folder`. Equal parameters give equal bytes."""
    path = folder / file_name(model.target, model.level, model.horizon_weeks)
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document(model), indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


@cache
def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _learned(member: object) -> dict[str, Any]:
    """Return the fitted values of a member: the attributes that end in an underscore."""
    return {name: _plain(value) for name, value in vars(member).items() if name.endswith("_")}


def _restore(member: object, learned: dict[str, Any]) -> None:
    for name, value in learned.items():
        setattr(member, name, np.array(value) if isinstance(value, list) else value)


def _plain(value: Any) -> Any:
    """Return numbers or nested lists of them, rounded to `DIGITS` significant digits."""
    if np.ndim(value) > 0:
        return [_plain(each) for each in value]
    return float(f"{float(value):.{DIGITS}g}")
