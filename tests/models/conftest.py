from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from ewarn.frames.panel import Panel, Spans
from models.inputs.targets import KINDS

FIRST = date(2014, 1, 6)
PanelOf = Callable[..., Panel]


@pytest.fixture
def panel_of() -> PanelOf:
    """A panel of one source from a few named series, or from a rate; all weeks observed."""

    def build(
        weeks: int,
        *,
        source: str = "mass-mobilization",
        regions: tuple[str, ...] = ("TGO",),
        parents: dict[str, str] | None = None,
        rate: float = 0.0,
        seed: int = 1,
        spans: Spans | None = None,
        **series: Any,
    ) -> Panel:
        random = np.random.default_rng(seed)
        shape = (weeks, len(regions), len(KINDS))
        counts: npt.NDArray[np.int32] = random.poisson(rate, shape).astype(np.int32)
        for kind, values in series.items():
            index = KINDS.index(kind.replace("lethal", "force:lethal"))
            counts[:, :, index] = np.asarray(values, dtype=np.int32).reshape(
                weeks, -1 if weeks else 1
            )
        return Panel(
            FIRST,
            regions,
            tuple(f"{source}:{kind}" for kind in KINDS),
            parents or {},
            counts,
            np.ones(shape, dtype=np.bool_),
            spans or Spans(),
        )

    return build
