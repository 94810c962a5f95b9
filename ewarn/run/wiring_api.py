"""The API over a service. It stands apart from the service, since most commands serve nothing and
need not wait for FastAPI to load."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import FastAPI

from api.app import create_app
from api.serving.state import ApiState, ReportedSource
from ewarn.errors import ModelError
from ewarn.notify.webhook import derived
from ewarn.pipeline.alerts.dry_run import Trying
from ewarn.pipeline.alerts.manual_actions import act
from ewarn.pipeline.delivery.subscribing import Subscribing
from ewarn.pipeline.models.champions import serving
from ewarn.pipeline.response.brief import brief
from ewarn.pipeline.scoring.scorable import known_sources
from ewarn.pipeline.service import Service
from ewarn.ports import Pushed
from ewarn.run.settings import Settings
from ewarn.run.wiring import (
    baseline_at,
    forecaster_cards,
    outages_of,
    outcomes_told,
    source_status,
)
from ewarn.store.database.cuts import Cut
from models.detectors.slowing import slowing_of
from models.registry import card


def make_api(
    service: Service,
    clock: Callable[[], datetime],
    *,
    is_replay: bool = False,
    page_key: str | None = None,
    secret_of: Callable[[str, str], str | None] = lambda _label, _channel: None,
) -> FastAPI:
    """The API over a service; `page_key` lets the page of a demonstration in."""
    return create_app(
        ApiState(
            store=service.store,
            places=service.places,
            rulebooks=lambda: service.with_current_rules().rulebook,
            rules_problem=service.rules_problem,
            trying=Trying(service.with_current_rules),
            sources=partial(_reported, service),
            terms=service.terms,
            model_cards=partial(_model_cards, service, clock),
            clock=clock,
            version=version("ewarn"),
            base_url=service.base_url,
            is_replay=is_replay,
            page_key=page_key,
            push_secrets=_push_secrets(service),
            act=lambda *asked: act(service.with_current_rules(), *asked),
            subscribing=Subscribing(service.with_current_rules),
            secret_of=secret_of,
            service=service,
            brief=partial(brief, service),
            slowing=slowing_of,
        )
    )


def secrets_of(settings: Settings) -> Callable[[str, str], str | None]:
    """From the label of an endpoint and its channel to the secret that signs there."""
    masters = [secret.get_secret_value() for secret in settings.webhook_secrets]

    def secret_of(label: str, channel: str) -> str | None:
        signs = channel in ("webhook", "alertmanager") and masters
        return derived(masters[0], label) if signs else None

    return secret_of


def _push_secrets(service: Service) -> dict[str, str]:
    return {
        name: source.push_secret
        for name, source in service.sources.items()
        if isinstance(source, Pushed) and source.push_secret and source.obstacle is None
    }


def _reported(service: Service) -> list[ReportedSource]:
    """Sources that are switched on, and those known from imported files."""
    with service.store.read() as connection:
        names = known_sources(service, connection)
    return [
        ReportedSource(
            name=name,
            terms=service.terms_of(name),
            status=partial(source_status, service, name),
            drops=partial(outages_of, service, name),
            baseline=partial(baseline_at, service, name),
            outcomes=partial(outcomes_told, service, name),
        )
        for name in names
    ]


def _model_cards(service: Service, clock: Callable[[], datetime]) -> list[dict[str, Any]]:
    sources = [source.name for source in _reported(service) if service.is_scored(source.name)]
    found: list[dict[str, Any]] = []
    for name in sources:
        try:
            with service.store.read() as connection:
                models = serving(service, connection, name, Cut.at(clock()))
        except ModelError as error:  # what cannot be loaded does not hide the others
            structlog.get_logger().error("no card", source=name, reason=str(error))
            continue
        found += [{"source": name} | card(model) for model in models]
    return found + forecaster_cards(service, sources)
