"""Tests of how many statements a decision sends to the database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ewarn.domain.silence import Silence
from ewarn.pipeline.alerts import alert as deciding
from ewarn.pipeline.service import Service
from ewarn.store.alerts import silences
from ewarn.store.scores import scores
from tests.pipeline.weeks import play, recipient, told_to
from tests.scores import moment, origin, score
from tests.stores import statements

REGIONS = ("TG-C", "TG-K", "TG-M", "TG-P", "TG-S", "BJ-AK", "BJ-BO", "BJ-ZO")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_decisions_of_an_origin_take_at_most_25_statements(service: Service) -> None:
    """Alerts open, rise, close, are suppressed or get no score, for two recipients."""
    desks = told_to(service, recipient("one"), recipient("two", language="fr"), keep_for=1)
    play(desks, 0, dict.fromkeys(REGIONS[:6], 0.3), also={"other": 0.2})
    quiet = Silence("sil_1", "Lomé", "a test", moment(0), moment(9), regions=("TG-M",))
    levels = zip(REGIONS[2:], (0.5, 0.01, 0.5, 0.3, 0.6, 0.7), strict=True)
    made = [replace(score(level, 1, region=region), id="") for region, level in levels]
    with service.store.write() as connection:
        silences.add(connection, quiet)
        scores.record(connection, "invented", origin(1), "1", made, moment(1))
    with statements(service.store) as seen:
        report = deciding.alert(desks, moment(1) + timedelta(hours=1))
    asked = [each for each in seen if not each.startswith("BEGIN")]
    assert {str(each.change.kind) for each in report.changes} >= {"opened", "raised", "closed"}
    assert [each for each in report.changes if each.suppression is not None]
    assert len({each.recipient for each in report.notifications}) == 2
    assert len(asked) <= 25, "\n".join(asked)
