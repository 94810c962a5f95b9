"""Build a service from the settings: the only module that knows all parts."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from typing import Any

import httpx

from ewarn.domain.baseline import Baseline
from ewarn.domain.source import PROTECTED, SourceStatus, Terms, VolumeDrop
from ewarn.entry_points import brought
from ewarn.errors import SettingsError
from ewarn.notify.channels.address_checks import check_address
from ewarn.notify.channels.addresses import networks
from ewarn.notify.channels.registry import NOTIFIERS, ChannelResources
from ewarn.notify.channels.webhook_transport import WebhookTransport
from ewarn.pipeline.intake import health
from ewarn.pipeline.intake.outages import volume_drops
from ewarn.pipeline.models.outcomes_so_far import outcomes_so_far
from ewarn.pipeline.scoring.baseline import baseline_of
from ewarn.pipeline.service import Service
from ewarn.places.countries import alpha_3_codes
from ewarn.places.gazetteer import Gazetteer, load_gazetteer
from ewarn.places.pcodes import FILE as PCODES
from ewarn.places.pcodes import read_pcodes
from ewarn.ports import Model, Notifier, Source, polled_every
from ewarn.rulebook.offices import OfficeChecks
from ewarn.rulebook.rules import Rulebook
from ewarn.run.deadman import DeadMan
from ewarn.run.deferred import (
    Deferred,
    arrivals_of,
    effect_of,
    fitter,
    forecaster,
    judge,
    served,
)
from ewarn.run.rulebooks import Rulebooks
from ewarn.run.settings import Settings
from ewarn.store.database.engine import Store
from ewarn.store.database.schema import make_ready
from ingest.chronicle.source import NAME as CHRONICLE
from ingest.hapi.source import NAME as HAPI
from ingest.registry import GROUP, SOURCES
from ingest.shared.web import Web

ACLED = "acled"  # its licence also covers the counts of HAPI
USER_AGENT = f"ewarn/{version('ewarn')}"


@contextmanager
def open_service(settings: Settings, *, forgiving: bool = False) -> Iterator[Service]:
    """Open the service on the database of the settings, and close it at the end.

    Args:
        forgiving: Open it even if the files of rules are not valid, to look at its state.

    Raises:
        SettingsError: A setting is wrong; the text says what to change.
        StoreError: The database cannot be used; the text says what to change.
    """
    rulebooks = Rulebooks(settings.config_dir, office_checks(settings), forgiving=forgiving)
    store = Store(settings.database)
    try:
        make_ready(store)
        trust = httpx.create_ssl_context()
        allowed = networks(settings.webhook_allow)
        with _client(trust) as client, WebhookTransport(allowed, trust=trust) as transport:
            makers = _makers()
            sources = _sources(settings, makers, Web(client))
            terms = {
                name: maker(**_options(settings, name)).terms for name, maker in makers.items()
            }
            _require_office(settings, rulebooks())
            yield Service(
                check_address=partial(check_address, allowed=allowed),
                store=store,
                places=load_places(settings),
                sources=sources,
                models=partial(_models, terms),
                rulebook=rulebooks(),
                rulebooks=rulebooks,
                notifiers=_notifiers(settings, client, transport),
                base_url=settings.public_url,
                reserved=_polled(),
                sealer=settings.protection.sealer,
                controller=settings.protection.controller,
                terms=terms,
                fitter=Deferred(fitter),
                judge=Deferred(judge),
                forecaster=Deferred(forecaster),
                lateness=arrivals_of,
                ping=_ping(settings, client),
                effect=effect_of,
                in_hindsight=frozenset({CHRONICLE}),
            )
    finally:
        store.dispose()


@contextmanager
def open_web() -> Iterator[Web]:
    """Open an HTTP client for publishers' servers, for commands that need no service."""
    with _client(httpx.create_ssl_context()) as client:
        yield Web(client)


def _client(trust: ssl.SSLContext) -> httpx.Client:
    return httpx.Client(headers={"user-agent": USER_AGENT}, timeout=30, verify=trust)


def load_places(settings: Settings) -> Gazetteer:
    """Return the gazetteer, with P-codes if their list is in the data folder.

    Raises:
        InputError: The file is not a list of P-codes.
    """
    path = settings.data_dir / PCODES
    gazetteer = load_gazetteer()
    if not path.exists():
        return gazetteer
    return read_pcodes(path.read_bytes(), gazetteer).added_to(gazetteer)


def _sources(
    settings: Settings, makers: Mapping[str, Callable[..., Source]], web: Web
) -> dict[str, Source]:
    for name in settings.sources:
        if name not in makers:
            raise SettingsError(
                f"EWARN_SOURCES names {name!r}; the sources are {', '.join(sorted(makers))}"
            )
    return {name: makers[name](web, **_options(settings, name)) for name in settings.sources}


def _options(settings: Settings, source: str) -> dict[str, Any]:
    options = settings.options_of(source)
    if source in PROTECTED:
        return options | {"protection": settings.protection}
    if source == HAPI:
        return options | {"licence": settings.options_of(ACLED).get("licence", "")}
    return options


def _require_office(settings: Settings, rulebook: Rulebook) -> None:
    """Require that the offices of field reports exist. Raises SettingsError if one does not."""
    known = sorted(office.id for office in rulebook.offices)
    for source in sorted(PROTECTED):
        office = settings.options_of(source).get("office")
        if office and office not in known:
            raise SettingsError(
                f"EWARN_{source.upper()}_OFFICE names {office!r}; the offices are "
                f"{', '.join(known)}"
            )


def _makers() -> dict[str, Callable[..., Source]]:
    """Return the constructors of all sources, by name.

    A source of ewarn wins over a source of another package with the same name.
    """
    return brought(GROUP) | SOURCES


def _polled() -> frozenset[str]:
    """Return the names of ewarn's own sources that are polled.

    Only the source itself says which weeks it covers. An imported file may add events to it, but
    no coverage.
    """
    return frozenset(name for name, make in SOURCES.items() if polled_every(make()) is not None)


def office_checks(settings: Settings) -> OfficeChecks:
    """Return what the offices are validated against, under the settings."""
    return OfficeChecks(
        countries=frozenset(alpha_3_codes().values()),
        channels=frozenset(brought("ewarn.notifiers") | dict(NOTIFIERS)),
        address=partial(check_address, allowed=networks(settings.webhook_allow)),
    )


def _notifiers(
    settings: Settings, client: httpx.Client, transport: WebhookTransport
) -> dict[str, Notifier]:
    resources = ChannelResources(
        client=client,
        transport=transport,
        webhook_secrets=[secret.get_secret_value() for secret in settings.webhook_secrets],
        webhook_allow=networks(settings.webhook_allow),
        mail_server=settings.mail_server,
    )
    makers = brought("ewarn.notifiers") | dict(NOTIFIERS)
    for name in settings.deliver:
        if name not in makers:
            known = ", ".join(sorted(makers))
            raise SettingsError(f"EWARN_DELIVER names {name!r}; the channels are {known}")
    return {name: makers[name](resources) for name in {"log", *settings.deliver}}


def _ping(settings: Settings, client: httpx.Client) -> Callable[[], bool] | None:
    url = settings.deadman_url.get_secret_value()
    return DeadMan(client, url).ping if url else None


def _models(terms: Mapping[str, Terms], source: str, origin: date) -> tuple[Model, ...]:
    # Pooled models learn from the source, which its terms must allow. The chronicle may only be
    # shown with parameters from another source, as an illustration.
    known = terms.get(source)
    may_learn = known is not None and known.train
    shown = source == CHRONICLE
    # A model of another package might learn from the data although the terms forbid it.
    keeps = known is not None and known.stays_in_account
    return served(source, origin=origin, illustration=shown, pooled=may_learn, only_ours=keeps)


def outages_of(service: Service, name: str, now: datetime) -> tuple[VolumeDrop, ...]:
    """Return the regions whose volume in a source has dropped, at a moment."""
    with service.store.read() as connection:
        return volume_drops(connection, name, service.places.parents, now)


def baseline_at(service: Service, name: str, now: datetime) -> Baseline | None:
    """Return how much of a source's past was read, at a moment.

    None if the source has no archive or is not scored.
    """
    with service.store.read() as connection:
        return baseline_of(service, connection, name, now)


def outcome_progress(service: Service, name: str, now: datetime) -> str | None:
    """Describe how far a source is from a probability that uses the outcomes of another source.

    None if the source uses its own outcomes.
    """
    with service.store.read() as connection:
        found = outcomes_so_far(service, connection, now)
    return "; ".join(item.sentence for item in found if item.source == name) or None


def forecaster_cards(service: Service, sources: Iterable[str]) -> list[dict[str, Any]]:
    """Return the model card of the forecaster, if it forecasts one of the given sources."""
    by = service.forecaster
    return [{"source": name, **by.card()} for name in sources if by and name == by.source]


def source_status(service: Service, name: str, now: datetime) -> SourceStatus:
    """Return the health of a source at a moment."""
    with service.store.read() as connection:
        return health.status(connection, name, service.sources.get(name), now)
