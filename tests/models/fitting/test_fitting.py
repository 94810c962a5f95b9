import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from ewarn.domain.region import Level
from ewarn.domain.target import Basis, Target
from ewarn.domain.time import midnight
from ewarn.errors import ModelError
from ewarn.frames.panel import Panel
from models.ensemble.ensemble import Ensemble
from models.ensemble.shipped_parameters import FOLDER, document, file_name, load, restored, save
from models.fitting import fitting
from models.fitting.fitting import fit_shipped
from models.inputs.targets import KINDS
from models.judging.backtest.plan import mondays
from models.judging.measures.skill import skill
from models.model_kind import USUAL_PURPOSES
from models.training.rows import ModelQuestion, gather

FIRST = date(1990, 1, 1)
REGIONS = tuple(f"C{i:02d}" for i in range(30))


@dataclass(frozen=True)
class Past:
    """A history in which everything was known at once."""

    panel: Panel

    def as_known(self, origin: datetime) -> Panel:
        return self.panel.until(origin.date())

    def final(self) -> Panel:
        return self.panel


@pytest.fixture(scope="module")
def past() -> Past:
    """Thirty countries, some restless: arrests one week, force the next."""
    weeks = (date(2014, 6, 30) - FIRST).days // 7
    random = np.random.default_rng(11)
    counts = random.poisson(0.03, (weeks, len(REGIONS), 5)).astype(np.int32)
    counts[:, :8] += random.poisson(0.1, (weeks, 8, 5)).astype(np.int32)
    counts[1:, :, 4] += (counts[:-1, :, 2] > 0) * random.binomial(1, 0.3, (weeks - 1, 30))
    counts[:, :, 3] += counts[:, :, 4]
    signals = tuple(f"mass-mobilization:{kind}" for kind in KINDS[:5])
    observed = np.ones(counts.shape, dtype=np.bool_)
    return Past(Panel(FIRST, REGIONS, signals, {}, counts, observed))


@pytest.fixture(scope="module")
def fitted(past: Past) -> Ensemble:
    origins = mondays(date(2000, 1, 3), date(2008, 1, 7))[::8]
    return Ensemble(Target.FORCE, Level.COUNTRY, replicates=3, seed=4).fit(past, origins)


def test_a_fit_beats_the_base_rate_and_is_calibrated(past: Past, fitted: Ensemble) -> None:
    ahead = gather(
        past,
        mondays(date(2009, 1, 5), date(2013, 1, 7))[::4],
        source="mass-mobilization",
        target=Target.FORCE,
        level=Level.COUNTRY,
        horizon_weeks=4,
    )
    found = skill(1 / (1 + np.exp(-fitted.logit(ahead.inputs))), ahead.label)
    assert found.brier_skill > 0.03
    assert found.calibration_slope == pytest.approx(1, abs=0.2)
    assert fitted.pool_.weights_.sum() == pytest.approx(1, abs=0.2)
    assert (fitted.label_source_, fitted.basis) == ("mass-mobilization", Basis.CALIBRATED)


def test_what_is_saved_is_what_is_loaded(past: Past, fitted: Ensemble, tmp_path: Path) -> None:
    written = json.loads(save(fitted, tmp_path).read_text())
    again = restored(Ensemble(Target.FORCE, Level.COUNTRY), written)
    panel = past.as_known(midnight(date(2010, 1, 4)))
    for name in ("probability", "low", "high"):
        one, other = getattr(fitted.score(panel), name), getattr(again.score(panel), name)
        assert one == pytest.approx(other, rel=1e-4)
    assert document(again) == written


def test_it_says_which_regions_are_quiet(past: Past, fitted: Ensemble) -> None:
    panel = past.as_known(midnight(date(2010, 1, 4)))
    lethal = panel.rolling("mass-mobilization:force:lethal", 26)[-1]
    quiet = {region: lethal[panel.region_index[region]] == 0 for region in panel.regions}
    said = fitted.score(panel)
    assert said.quiet is not None
    assert 0 < said.quiet.sum() < len(said.regions)
    assert dict(zip(said.regions, said.quiet.tolist(), strict=True)) == {
        region: quiet[region] for region in said.regions
    }
    some = said.regions[1::2]
    assert fitted.score(panel, some).quiet.tolist() == said.quiet[1::2].tolist()  # type: ignore[union-attr]


def test_what_nobody_watched_is_not_said_to_be_quiet(past: Past, fitted: Ensemble) -> None:
    panel = past.as_known(midnight(date(2010, 1, 4)))
    quiet = fitted.score(panel).quiet
    assert quiet is not None
    observed = panel.observed.copy()
    observed[-10:] = False
    unseen = fitted.score(replace(panel, observed=observed)).quiet
    assert unseen is not None
    assert quiet.any()
    assert not unseen.any()


def test_a_fit_is_reproducible(past: Past, fitted: Ensemble) -> None:
    origins = mondays(date(2000, 1, 3), date(2008, 1, 7))[::8]
    again = Ensemble(Target.FORCE, Level.COUNTRY, replicates=3, seed=4).fit(past, origins)
    assert document(again) == document(fitted)


def test_subsampled_negatives_stand_for_those_dropped(past: Past) -> None:
    rows = gather(
        past,
        mondays(date(2000, 1, 3), date(2008, 1, 7))[::4],
        source="mass-mobilization",
        target=Target.FORCE,
        level=Level.COUNTRY,
        horizon_weeks=4,
        keep_negatives=0.2,
    )
    everything = 105 * 30
    assert len(rows.label) < everything
    assert rows.weight.sum() == pytest.approx(everything, rel=0.1)


def test_labels_are_as_known_at_the_day_asked_for(past: Past) -> None:
    origins = mondays(date(2000, 1, 3), date(2001, 1, 1))[::4]
    asked = {
        "source": "mass-mobilization",
        "target": Target.FORCE,
        "level": Level.COUNTRY,
        "horizon_weeks": 4,
    }
    known_at = midnight(date(2001, 2, 5))
    final = gather(past, origins, **asked)  # type: ignore[arg-type]
    known = gather(past, origins, known_at=known_at, **asked)  # type: ignore[arg-type]
    assert known.label.tolist() == final.label.tolist()
    with pytest.raises(
        ModelError, match="to 2000-12-04 holds no full outcome of origin 2000-12-04"
    ):
        gather(past, origins, known_at=midnight(date(2000, 12, 4)), **asked)  # type: ignore[arg-type]


def test_a_country_that_ended_is_not_learned_from(past: Past) -> None:
    rows = gather(
        past,
        mondays(date(2000, 1, 3), date(2001, 1, 1))[::4],
        source="mass-mobilization",
        target=Target.FORCE,
        level=Level.COUNTRY,
        horizon_weeks=4,
        ended={"C03": date(2000, 6, 1)},
    )
    days = rows.week[rows.region == 3]
    assert len(days) == 6
    assert len(rows.week[rows.region == 4]) == 14


def test_development_never_looks_past_2004(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[date] = []

    @dataclass(frozen=True)
    class Watched(Past):
        def as_known(self, origin: datetime) -> Panel:
            asked.append(origin.date())
            return super().as_known(origin)

    watched = Watched(past.panel)
    monkeypatch.setattr(fitting, "DEVELOPMENT_YEARS", range(2003, 2005))
    monkeypatch.setattr(Ensemble, "_bootstrapped", lambda *_: None)
    question = ModelQuestion("mass-mobilization", Target.FORCE, Level.COUNTRY, 4, {}, {})
    learned = fitting.learning(watched, question)
    assert max(asked) < date(2013, 12, 10)
    asked.clear()
    found = fitting.develop(watched, learned)
    assert date(2003, 1, 1) <= min(asked)
    assert max(asked) <= date(2005, 1, 3)
    assert found.table()["ensemble"]["rows"] == found.label.size


def test_a_shipped_card_says_what_a_reader_must_know(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "DEVELOPMENT_YEARS", range(2004, 2005))
    monkeypatch.setattr(Ensemble.__init__, "__kwdefaults__", _few_replicates())
    model = fit_shipped(
        past, Target.ESCALATION, Level.COUNTRY, ended={}, created_on=date(2026, 1, 1)
    )
    assert model.card_["development"]["skill"]["ensemble"]["positives"] > 0
    assert model.card_["created_on"] == "2026-01-01"


def _few_replicates() -> dict[str, object]:
    return {**(Ensemble.__init__.__kwdefaults__ or {}), "replicates": 2}


@pytest.mark.parametrize(("target", "level"), USUAL_PURPOSES)
def test_shipped_parameters_are_small_and_carry_their_card(target: Target, level: Level) -> None:
    path = FOLDER / file_name(target, level, 4)
    assert path.stat().st_size < 200_000
    card = load(target, level).card_
    assert card["data"] == "Mass Mobilization, doi:10.7910/DVN/HTTWYL"
    assert (card["target"], card["level"]) == (target, level)
    assert card["development"]["skill"]["ensemble"]["auc"] > 0.6


def test_what_is_not_shipped_is_said_so() -> None:
    with pytest.raises(ModelError, match="No parameters are shipped for force-13w-country"):
        load(Target.FORCE, Level.COUNTRY, horizon_weeks=13)
    with pytest.raises(ModelError, match="format 9"):
        restored(Ensemble(Target.FORCE, Level.COUNTRY), {"format": 9})


def test_an_ensemble_that_learned_nothing_says_so(past: Past) -> None:
    with pytest.raises(ModelError, match="neither fitted nor loaded"):
        Ensemble(Target.FORCE, Level.COUNTRY).score(past.panel)
    with pytest.raises(ModelError, match="No origin"):
        Ensemble(Target.FORCE, Level.COUNTRY).fit(past, [])
