"""The one place that knows every name: settings in, a service out."""

import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from importlib.metadata import entry_points, version
from typing import Any

import httpx

from ewarn.domain.baseline import Baseline
from ewarn.domain.source import PROTECTED, SourceStatus, Terms, VolumeDrop
from ewarn.errors import SettingsError
from ewarn.notify.address_checks import check_address
from ewarn.notify.addresses import networks
from ewarn.notify.registry import NOTIFIERS, Means
from ewarn.notify.webhook_transport import WebhookTransport
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
from ingest.kobo.source import NAME as KOBO
from ingest.registry import GROUP, SOURCES
from ingest.shared.web import Web

ACLED = "acled"  # whose licence covers the counts of HAPI too
USER_AGENT = f"ewarn/{version('ewarn')}"


@contextmanager
def open_service(settings: Settings, *, forgiving: bool = False) -> Iterator[Service]:
    """A service on the settings' database, ready to use, closed at the end.

    Raises SettingsError or StoreError with one sentence that says what to change. One that is
    `forgiving` opens under broken rules too, to look at how things stand.
    """
    rulebooks = Rulebooks(settings.config_dir, office_checks(settings), forgiving=forgiving)
    store = Store(settings.database)
    try:
        make_ready(store)
        trust = httpx.create_ssl_context()
        allowed = networks(settings.webhook_allow)
        with _client(trust) as client, WebhookTransport(allowed, trust=trust) as line:
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
                notifiers=_notifiers(settings, client, line),
                base_url=settings.public_url,
                reserved=_polled(),
                sealer=settings.protection.sealer,
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
    """The way to ask publishers, for what needs no service."""
    with _client(httpx.create_ssl_context()) as client:
        yield Web(client)


def _client(trust: ssl.SSLContext) -> httpx.Client:
    return httpx.Client(headers={"user-agent": USER_AGENT}, timeout=30, verify=trust)


def load_places(settings: Settings) -> Gazetteer:
    """The gazetteer, with P-codes if their list lies in the data folder.

    Raises InputError where that file is not the list.
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
    """Raise SettingsError where field reports are said to be of an office that is not there."""
    known = sorted(office.id for office in rulebook.offices)
    office = settings.options_of(KOBO).get("office")
    if office and office not in known:
        raise SettingsError(
            f"EWARN_KOBO_OFFICE names {office!r}; the offices are {', '.join(known)}"
        )


def _makers() -> dict[str, Callable[..., Source]]:
    """Our sources, and those that installed packages bring; ours keep their names."""
    return _brought(GROUP) | SOURCES


def _polled() -> frozenset[str]:
    """Sources of ours that are polled. They speak for themselves: a file may bring events of
    theirs, no coverage.
    """
    return frozenset(name for name, make in SOURCES.items() if polled_every(make()) is not None)


def _brought(group: str) -> dict[str, Any]:
    """What installed packages bring under a group of entry points, by name.

    Raises SettingsError where one cannot be loaded.
    """
    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        try:
            found[point.name] = point.load()
        except Exception as error:  # whatever a stranger's module does when it is imported
            raise SettingsError(
                f"the package that brings {point.name!r} in {group} cannot be loaded ({error}); "
                "mend it, or uninstall it"
            ) from error
    return found


def office_checks(settings: Settings) -> OfficeChecks:
    """What the offices of the settings are held against."""
    return OfficeChecks(
        countries=frozenset(alpha_3_codes().values()),
        channels=frozenset(_brought("ewarn.notifiers") | dict(NOTIFIERS)),
        address=partial(check_address, allowed=networks(settings.webhook_allow)),
    )


def _notifiers(
    settings: Settings, client: httpx.Client, line: WebhookTransport
) -> dict[str, Notifier]:
    means = Means(
        client=client,
        line=line,
        webhook_secrets=[secret.get_secret_value() for secret in settings.webhook_secrets],
        webhook_allow=networks(settings.webhook_allow),
        mailbox=settings.mailbox,
    )
    makers = _brought("ewarn.notifiers") | dict(NOTIFIERS)
    for name in settings.deliver:
        if name not in makers:
            known = ", ".join(sorted(makers))
            raise SettingsError(f"EWARN_DELIVER names {name!r}; the channels are {known}")
    return {name: makers[name](means) for name in {"log", *settings.deliver}}


def _ping(settings: Settings, client: httpx.Client) -> Callable[[], bool] | None:
    url = settings.deadman_url.get_secret_value()
    return DeadMan(client, url).ping if url else None


def _models(terms: Mapping[str, Terms], source: str, origin: date) -> tuple[Model, ...]:
    # Pooling learns, which terms must allow. The chronicle may only be shown with parameters from
    # another source, and says so.
    known = terms.get(source)
    may_learn = known is not None and known.train
    shown = source == CHRONICLE
    ours = served(source, origin=origin, illustration=shown, pooled=may_learn)
    if known is not None and known.keeps_to_account:
        return ours  # what a package brings may learn, and say so to nobody
    theirs = [model for make in _brought("ewarn.models").values() for model in make(source)]
    return (*ours, *theirs)


def outages_of(service: Service, name: str, now: datetime) -> tuple[VolumeDrop, ...]:
    """Regions whose volume in a source has dropped, at a moment."""
    with service.store.read() as connection:
        return volume_drops(connection, name, service.places.parents, now)


def baseline_at(service: Service, name: str, now: datetime) -> Baseline | None:
    """How much of its past a source was read of, at a moment; None where it cannot be read."""
    with service.store.read() as connection:
        return baseline_of(service, connection, name, now)


def outcomes_told(service: Service, name: str, now: datetime) -> str | None:
    """How far a source is from a probability by the outcomes of another, in words; None where it
    tells its own."""
    with service.store.read() as connection:
        found = outcomes_so_far(service, connection, now)
    return "; ".join(item.sentence for item in found if item.source == name) or None


def forecaster_cards(service: Service, sources: Iterable[str]) -> list[dict[str, Any]]:
    """The card of what forecasts the dead of any of some sources."""
    by = service.forecaster
    return [{"source": name, **by.card()} for name in sources if by and name == by.source]


def source_status(service: Service, name: str, now: datetime) -> SourceStatus:
    """Health of a source at a moment."""
    with service.store.read() as connection:
        return health.status(connection, name, service.sources.get(name), now)
