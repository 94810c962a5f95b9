"""The demonstration's replay, made once for all tests that look at it."""

import contextlib
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from ewarn.run.cli import main


@dataclass(frozen=True)
class Replay:
    """What a replay up to the end of 2017 said while it went, and the data folder it left."""

    folder: Path
    said: str


def use_only(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Set the data folder, and no other setting: a replay depends on some of them."""
    for name in list(os.environ):
        if name.startswith("EWARN_"):
            patch.delenv(name)
    patch.setenv("EWARN_DATA_DIR", str(folder))


@pytest.fixture(scope="session")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    """Provide a finished replay. Tests that use it are in one group (`replay`), so in one process.

    They may read the folder, and start the demonstration in it, which replays nothing again.
    """
    folder = tmp_path_factory.mktemp("replay") / "data"
    with pytest.MonkeyPatch.context() as patch:
        use_only(folder, patch)
        patch.setenv("COLUMNS", "200")
        patch.setattr(sys, "argv", ["ewarn", "demo", "--exit"])
        with contextlib.redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit) as left:
            main()
    structlog.reset_defaults()
    assert left.value.code in (0, None)
    return Replay(folder, out.getvalue())
