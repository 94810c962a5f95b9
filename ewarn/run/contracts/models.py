"""Checks for any kind of model: call `check_kind(KIND, sources)` in the tests of its package.

Each check raises AssertionError with what failed. The panel is invented.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from ewarn.domain.fit import LEAST_POSITIVES, Fit, Purpose, canonical, sha256_of, stamped_version
from ewarn.domain.kinds import AROUND
from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import midnight
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel, Spans
from ewarn.frames.predictions import Prediction
from ewarn.ports import Model
from models.inputs.targets import KINDS as SIGNALS
from models.model_kind import ModelKind, ModelRequest
from models.training.fitted_kind import FittedKind, Learner
from models.training.rows import gather

REGIONS = ("TGO", "TG-M", "TG-K", "BEN", "BJ-OU", "GHA")
PARENTS = {"TG-M": "TGO", "TG-K": "TGO", "BJ-OU": "BEN"}
COLUMNS = ("probability", "low", "high", "expected", "upper", "observed")


def check_kind(kind: ModelKind, sources: Sequence[str]) -> None:
    """Hold a kind against all checks, wherever it serves on some sources."""
    only_stores(kind)
    requests = [
        ModelRequest(source, pooled=pooled) for source in sources for pooled in (True, False)
    ]
    models = [
        does_as_declared(kind, *purpose, request)
        for request in requests
        for purpose in kind.purposes
    ]
    made = [model for model in models if model is not None]
    if isinstance(kind, FittedKind):
        made.append(remembers(kind, kind.unfitted))
    assert made, f"{kind.name} serves on none of {', '.join(sources)}, and is not fitted"
    for model in made:
        card = kind.card(model)
        assert card["signals"] == list(model.signals), "its card names the signals it reads"
        assert card["weaknesses"], "its card says where it is weak"
        for check in CHECKS:
            check(model)


def panel(model: Model, weeks: int, rate: float = 0.1, seed: int = 2) -> Panel:
    """Counts of the model's source for six regions, the rate growing from one to the next."""
    source = model.signals[0].partition(":")[0]
    signals = tuple(f"{source}:{kind}" for kind in SIGNALS)
    shape = (weeks, len(REGIONS), len(signals))
    random = np.random.default_rng(seed)
    counts = random.poisson(rate * np.arange(1, 7)[:, None], shape).astype(np.int32)
    spans = Spans(*(np.array([value]) for value in (0, 2, weeks - 6, weeks - 2, 1)))
    kept = spans if weeks > 6 else Spans()
    observed = np.ones(shape, dtype=np.bool_)
    return Panel(date(2012, 1, 2), REGIONS, signals, PARENTS, counts, observed, kept)


def same(one: Prediction, other: Prediction) -> bool:
    """Equal to the bit, NaN included."""
    return one.regions == other.regions and all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in COLUMNS
    )


def only_stores(kind: ModelKind) -> None:
    """Its constructor stores what it is given, and does nothing else."""
    made = kind.make(*kind.purposes[0], source="invented")
    assert set(vars(made)) == set(inspect.signature(kind.make).parameters)
    assert vars(made)["source"] == "invented"


def does_as_declared(
    kind: ModelKind, target: Target, level: Level, request: ModelRequest
) -> Model | None:
    """What it serves is of its name, purpose and horizon, and gives a probability as it says."""
    model = kind.serve(target, level, request)
    if model is None:
        return None
    assert isinstance(model, Model), "it keeps the promise of a model"
    assert (model.name, model.target, model.level) == (kind.name, target, level)
    assert model.horizon_weeks == kind.horizon_weeks
    assert {each.partition(":")[0] for each in model.signals} == {request.source}
    answer = model.score(panel(model, 170))
    assert kind.gives_probability is bool(np.isfinite(answer.probability).any())
    assert kind.gives_probability is not (model.basis is Basis.UNCALIBRATED)
    if not request.pooled:
        alone(model)
    return model


def is_sound(model: Model, answer: Prediction) -> None:
    """Probabilities lie in order, members without NaN; or there are none at all."""
    if model.basis is Basis.UNCALIBRATED:
        assert np.isnan([answer.probability, answer.low, answer.high]).all()
        return
    assert (answer.low <= answer.probability).all()
    assert (answer.probability <= answer.high).all()
    assert ((answer.low > 0) & (answer.high < 1)).all()
    for member in answer.members.values():
        assert ((member >= 0) & (member <= 1)).all()


def regions_of_its_level(model: Model) -> None:
    """It answers for the regions of its level, for one alone, for none."""
    past = panel(model, 170)
    assert model.score(past).regions == past.at(model.level)
    region = "TGO" if model.level is Level.COUNTRY else "TG-M"
    one = past.select([region])
    is_sound(model, model.score(one))
    assert set(model.drivers(one, [region])) == {region}
    nowhere = past.select([])
    assert model.score(nowhere).regions == ()
    assert model.drivers(nowhere, []) == {}


def any_length_of_past(model: Model) -> None:
    """It answers whatever the length of the past, and with silence and floods in it."""
    for weeks in (0, 1, 3, 8, 60, 300):
        past = panel(model, weeks)
        is_sound(model, model.score(past))
        model.drivers(past, past.at(model.level))
    for value in (0, 10**9, 2**31 - 1):
        past = panel(model, 170)
        past.counts[:] = value
        answer = model.score(past)
        is_sound(model, answer)
        assert np.isfinite([answer.expected, answer.upper]).all()
        model.drivers(past, past.at(model.level))


def unobserved_is_not_zero(model: Model) -> None:
    """A week that was not observed is not seen as zero."""
    past = panel(model, 170)
    past.observed[-1] = False
    assert np.isnan(model.score(past).observed).all()
    past.observed[:] = False
    assert np.isnan(model.score(past).upper).all()
    is_sound(model, model.score(past))


def blind_to_the_future(model: Model) -> None:
    """What comes after the origin changes nothing."""
    past = panel(model, 200)
    before = model.score(past.until(past.week(180)))
    past.counts[180:] = 77
    past.observed[180:] = False
    assert same(model.score(past.until(past.week(180))), before)


def same_twice_and_in_any_order(model: Model) -> None:
    """It answers the same twice, whatever the order of regions, and whoever else is asked."""
    past = panel(model, 170)
    answer = model.score(past)
    assert same(model.score(past), answer)
    shuffled = model.score(past.select(REGIONS[::-1]))
    back = [shuffled.regions.index(region) for region in answer.regions]
    some = model.score(past, (answer.regions[-1], answer.regions[0], "nowhere"))
    assert some.regions == (answer.regions[0], answer.regions[-1])
    for name in COLUMNS:
        whole = getattr(answer, name)
        assert np.array_equal(whole, getattr(shuffled, name)[back], equal_nan=True), name
        assert np.array_equal(whole[[0, -1]], getattr(some, name), equal_nan=True), name
    regions = past.at(model.level)
    assert model.drivers(past, regions) == model.drivers(past, regions)


def drivers_are_signals_that_were(model: Model) -> None:
    """Its drivers name signals it reads, and weeks before the origin."""
    past = panel(model, 170, rate=0.5)
    for drivers in model.drivers(past, past.at(model.level)).values():
        source = model.signals[0].partition(":")[0]
        assert {driver.signal for driver in drivers} <= {*model.signals, f"{source}:{AROUND}"}
        assert all(driver.first_week <= driver.last_week < past.origin for driver in drivers)


def alone(model: Model) -> None:
    """On a source that may not be learned from, no region is held against another one."""
    past, other = panel(model, 170), panel(model, 170)
    kept = REGIONS.index("TGO" if model.level is Level.COUNTRY else "TG-M")
    other.counts[:, [region for region in range(6) if region != kept]] *= 5
    one, two = model.score(past), model.score(other)
    region = one.regions.index(REGIONS[kept])
    for name in ("expected", "upper", "observed", "p_value"):
        first, second = getattr(one, name), getattr(two, name)
        assert (first is None and second is None) or first[region] == second[region], name


@dataclass(frozen=True)
class _Past:
    """A history in which everything was known at once."""

    panel: Panel

    def as_known(self, origin: datetime) -> Panel:
        """What was known at an origin: all before it."""
        return self.panel.until(origin.date())

    def final(self) -> Panel:
        """What is known at the end."""
        return self.panel


def remembers(kind: FittedKind, make: Callable[[Purpose], Learner]) -> Learner:
    """What is restored of its document answers as what was fitted, and a broken one is refused.

    `make` is its `unfitted`, or its `sketch`, which is quicker. The restored model counts as
    calibrated.
    """
    purpose = Purpose("gdelt", *kind.purposes[0], kind.horizon_weeks)
    model = make(purpose)
    past = panel(model, 300, rate=0.02)
    until = past.week(290)
    rows = gather(
        _Past(past),
        [midnight(past.week(week)) for week in range(60, 280, 4)],
        source=purpose.source,
        target=purpose.target,
        level=purpose.level,
        horizon_weeks=purpose.horizon_weeks,
    )
    model = model.fit_rows(rows)
    assert model.positives_ == rows.label.sum(), "it counts the outcomes it learned from"
    model.positives_ += LEAST_POSITIVES
    model.card_ = {"fitted_on": {"labels_before": until.isoformat()}, "weaknesses": ["invented"]}
    text = canonical(kind.document(model))
    at = midnight(until)
    stored = Fit(
        1, kind.name, model.version, purpose, text, sha256_of(text), past.week(0), until, at, at
    )
    again = kind.restore(stored)
    asked = rows.inputs
    assert np.allclose(again.probability(asked), model.probability(asked), rtol=1e-5, atol=0)
    assert (again.positives_, again.labels_before) == (model.positives_, until)
    assert again.version == stamped_version(model.version, stored.sha256), "its version tells it"
    assert kind.card(again)["weaknesses"], "its card is kept"
    try:
        kind.restore(replace(stored, document="{}"))
    except (KeyError, TypeError, ValueError, ModelError):
        return again
    raise AssertionError("it restores an empty document")


CHECKS: tuple[Callable[[Model], None], ...] = (
    regions_of_its_level,
    any_length_of_past,
    unobserved_is_not_zero,
    blind_to_the_future,
    same_twice_and_in_any_order,
    drivers_are_signals_that_were,
)
