"""Tests that every notebook runs from top to bottom, and that what is stored is what it shows.

`RENEW_NOTEBOOKS=1` stores the outputs of this run.
"""

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.replayed import Replay, use_only

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 200_000


@pytest.mark.timeout(900)  # the first one may wait for the whole replay
@pytest.mark.xdist_group("replay")
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_shows_what_is_stored(
    path: Path, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_only(replay.folder, monkeypatch)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    stored = outputs_of(notebook)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    if os.environ.get("RENEW_NOTEBOOKS"):
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)  # when each cell ran
        nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
        stored = outputs_of(notebook)
    shown = outputs_of(notebook)
    assert shown
    assert shown == stored, "run it with RENEW_NOTEBOOKS=1"
    assert path.stat().st_size < MOST_BYTES


def outputs_of(notebook: Any) -> list[tuple[str, Any]]:
    """Return what the cells of a notebook show: texts and tables."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [(output["output_type"], output.get("data") or output.get("text")) for output in outputs]
