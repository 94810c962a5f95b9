from collections.abc import Callable

import numpy as np
import pytest

from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from models.nowcast.branching import EXCITING, Branching, branching

PanelOf = Callable[..., Panel]
MM = "mass-mobilization"
WEEKS, COUNTRIES = 700, 30


def excited(panel_of: PanelOf, own: float, across: float) -> Panel:
    """Arrests and protests that breed within four-week half-lives, arrests across to protests."""
    random = np.random.default_rng(9)
    fading = 0.5 ** (1 / 4)
    arrest, protest = np.zeros((2, WEEKS, COUNTRIES), dtype=int)
    heat = np.zeros((2, COUNTRIES))
    base = random.uniform(0.02, 0.1, COUNTRIES)
    for week in range(WEEKS):
        kernel = heat * (1 - fading)
        arrest[week] = random.poisson(base + own * kernel[0])
        protest[week] = random.poisson(base + own * kernel[1] + across * kernel[0])
        heat = fading * heat + np.stack([arrest[week], protest[week]])
    regions = tuple(f"C{i:02d}" for i in range(COUNTRIES))
    return panel_of(WEEKS, regions=regions, arrest=arrest, protest=protest)


def found(panel: Panel) -> Branching:
    return branching(panel, MM, replicates=5)


def test_the_ratio_that_made_the_events_is_found(panel_of: PanelOf) -> None:
    answer = found(excited(panel_of, own=0.6, across=0.3))
    assert answer.ratio == pytest.approx(0.6, abs=0.12)
    assert answer.low <= answer.ratio <= answer.high
    arrest, demonstrations = (answer.groups.index(name) for name in ("arrest", "demonstrations"))
    assert answer.offspring[demonstrations, arrest] == pytest.approx(0.3, abs=0.12)
    assert answer.offspring[arrest, demonstrations] < 0.1


def test_events_that_do_not_breed_have_a_ratio_near_zero(panel_of: PanelOf) -> None:
    answer = found(excited(panel_of, own=0.0, across=0.0))
    assert answer.ratio < 0.12
    assert set(answer.card()) == {"ratio", "interval", "groups", "offspring"}


def test_silence_breeds_nothing_and_no_country_is_refused(panel_of: PanelOf) -> None:
    assert found(panel_of(80)).ratio == 0
    assert found(panel_of(80)).groups == tuple(EXCITING)
    with pytest.raises(ModelError, match="needs countries"):
        found(panel_of(80).select([]))
