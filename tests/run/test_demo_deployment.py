"""Tests of Togo's deployment in the demonstration, on the chronicle's events without scores."""

from datetime import date, timedelta

import pytest

from ewarn.domain.deployment import Stage
from ewarn.domain.effect import Verdict
from ewarn.domain.time import midnight
from ewarn.pipeline.intake.ingest import ingest
from ewarn.pipeline.response.deployments import judge
from ewarn.run import settings
from ewarn.run.demo import _settings
from ewarn.run.demo_deployment import ID, Play
from ewarn.run.wiring import open_service
from ewarn.store.access import audit
from ewarn.store.response import deployments
from tests.run.conftest import Command

END = date(2018, 6, 30)


@pytest.mark.usefixtures("ewarn")
def test_it_is_played_in_order_and_its_effect_is_not_identifiable() -> None:
    with open_service(_settings(settings.load(), END)) as service:
        # The last week of the deployment is read before it ends, as in a replay.
        ingest(service, service.sources["chronicle"], midnight(date(2018, 4, 2)))
        play = Play(service)
        stages: list[Stage] = []
        for week in range(50):
            now = midnight(date(2017, 7, 31) + timedelta(weeks=week))
            play(now)
            with service.store.read() as connection:
                found = deployments.find(connection, now)
            stages += [each.stage for each in found if each.stage not in stages[-1:]]
        assert stages == [
            Stage.PROPOSED,
            Stage.CONSENT_REQUESTED,
            Stage.CONSENTED,
            Stage.DEPLOYED,
            Stage.ENDED,
        ]
        with service.store.read() as connection:
            before = len(deployments.steps(connection, ID, now))
            assert audit.broken_link(connection) is None
        play(now)
        with service.store.read() as connection:
            assert len(deployments.steps(connection, ID, now)) == before
        judged = judge(service, ID, (), now, source="chronicle")
    assert judged.effect is not None
    assert judged.effect.verdict is Verdict.NOT_IDENTIFIABLE
    assert judged.effect.study.in_hindsight
    assert "compiled by hand by people who knew what came later" in judged.effect.reasons[0]


def test_before_late_2017_there_is_none(ewarn: Command) -> None:
    ran = ewarn("demo", "--until", "2014-01-20", "--exit", "--json")
    assert '"deployments":[]' in ran.out
