"""Fixtures: the server that workers are forked from, and a service with invented parts."""

import multiprocessing
import os
from multiprocessing import forkserver
from pathlib import Path

import pytest

from tests.pipeline.conftest import model, postbox, service, source

__all__ = ["forks", "model", "postbox", "service", "source"]

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def forks() -> None:
    """A process that has imported what workers need: its forks are ready at once."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(
        ["tests.fire.crew", "benchmarks.flapping"]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")]))
        forkserver.ensure_running()
