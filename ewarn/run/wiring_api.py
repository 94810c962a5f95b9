"""Build the API for a service.

This is a module of its own because most commands do not serve the API and need not import FastAPI.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI

from api.admission import GROUP
from api.app import create_app
from api.serving.rate_limits import RateLimits
from api.serving.state import ApiState, ReportedSource
from ewarn.domain.source import Terms
from ewarn.entry_points import brought
from ewarn.errors import ModelError
from ewarn.notify.channels.webhook import derived_secret
from ewarn.pipeline.alerts.dry_run import DryRuns
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
    outcome_progress,
    source_status,
)
from ewarn.store.database.cuts import Cut
from models.detectors.slowing import slowing_of
from models.registry import card, every_kind


def make_api(
    service: Service,
    clock: Callable[[], datetime],
    *,
    is_replay: bool = False,
    page_key: str | None = None,
    limits: RateLimits | None = None,
    secret_of: Callable[[str, str], str | None] = lambda _label, _channel: None,
    access_log: Callable[[bytes], object] | None = None,
) -> FastAPI:
    """Return the API for a service, with the endpoints that installed packages bring.

    Args:
        is_replay: Whether the service is a demonstration.
        page_key: API key that the web page of a demonstration uses.
        limits: Limits of the requests of a key and of an address; None for no limits.
        secret_of: Returns the signing secret for the label of an endpoint and its channel.
        access_log: Writes one line of the access log; None for no log.

    Raises:
        SettingsError: An endpoint of another package must not be served.
    """
    return create_app(
        ApiState(
            store=service.store,
            places=service.places,
            rulebooks=lambda: service.with_current_rules().rulebook,
            rules_problem=service.rules_problem,
            trying=DryRuns(service.with_current_rules),
            sources=partial(_reported, service),
            terms={**service.terms, **_terms_of(service)},
            model_cards=partial(_model_cards, service),
            clock=clock,
            version=version("ewarn"),
            base_url=service.base_url,
            is_replay=is_replay,
            page_key=page_key,
            push_secrets=_push_secrets(service),
            act=lambda *asked: act(service.with_current_rules(), *asked),
            subscribing=Subscribing(service.with_current_rules),
            secret_of=secret_of,
            access_log=access_log,
            service=service,
            brief=partial(brief, service),
            slowing=slowing_of,
            limits=limits,
        ),
        brought(GROUP, lambda loaded: isinstance(loaded, APIRouter)),
    )


def secrets_of(settings: Settings) -> Callable[[str, str], str | None]:
    """Return a function from the label and channel of an endpoint to its signing secret.

    The function returns None if messages of the channel are not signed.
    """
    masters = [secret.get_secret_value() for secret in settings.webhook_secrets]

    def secret_of(label: str, channel: str) -> str | None:
        signs = channel in ("webhook", "alertmanager") and masters
        return derived_secret(masters[0], label) if signs else None

    return secret_of


def limits_of(settings: Settings) -> RateLimits:
    """Return the limits of requests that an operator set."""
    return RateLimits(settings.rate_per_key, settings.rate_per_address)


def _push_secrets(service: Service) -> dict[str, str]:
    return {
        name: source.push_secret
        for name, source in service.sources.items()
        if isinstance(source, Pushed) and source.push_secret and source.obstacle is None
    }


def _terms_of(service: Service) -> dict[str, Terms]:
    return {name: source.terms for name, source in service.sources.items()}


def _reported(service: Service) -> list[ReportedSource]:
    """Return the sources that are switched on and those known from imported files."""
    with service.store.read() as connection:
        names = known_sources(service, connection)
    return [
        ReportedSource(
            name=name,
            terms=service.terms_of(name),
            status=partial(source_status, service, name),
            drops=partial(outages_of, service, name),
            baseline=partial(baseline_at, service, name),
            outcomes=partial(outcome_progress, service, name),
        )
        for name in names
    ]


def _model_cards(service: Service, moment: datetime) -> list[dict[str, Any]]:
    """Return the cards of the models that were in use at a moment."""
    sources = [source.name for source in _reported(service) if service.is_scored(source.name)]
    found: list[dict[str, Any]] = []
    kinds = every_kind()
    for name in sources:
        try:
            with service.store.read() as connection:
                models = serving(service, connection, name, Cut.at(moment))
        except ModelError as error:  # one broken model must not hide the others
            structlog.get_logger().error("no model card", source=name, reason=str(error))
            continue
        found += [{"source": name} | card(model, kinds) for model in models]
    return found + forecaster_cards(service, sources)
