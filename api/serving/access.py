"""Who asks: the key of a request, the scope of a route, and the countries a key covers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.serving.problems import Problem, unknown_region, wrong_fields, wrong_parameters
from api.serving.state import ApiState
from ewarn.access.keys import proves, split
from ewarn.domain.key import EVERYWHERE, READ_SCOPES, ApiKey
from ewarn.domain.region import Level, Office, Region
from ewarn.domain.rule import Rule
from ewarn.store.access import keys

NOWHERE = "-"  # no country has this code: a key without countries sees nothing

_bearer = HTTPBearer(auto_error=False, description="An API key, `prefix.secret`.")
_header = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="The same key, for simple clients."
)


async def state_of(request: Request) -> ApiState:
    """What the service was put together with."""
    state: ApiState = request.app.state.ewarn
    return state


State = Annotated[ApiState, Depends(state_of)]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, by their key. Every query is made through `countries`."""

    key: ApiKey

    @property
    def name(self) -> str:
        """Under which what they do is recorded."""
        return self.key.name

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries a query is limited to; empty for all."""
        if self.key.is_everywhere:
            return ()
        return self.key.countries or (NOWHERE,)

    def sees(self, country: str) -> bool:
        """Whether the key covers a country (alpha-3)."""
        return self.key.covers(country)

    def region(self, state: ApiState, code: str) -> Region:
        """The region of any code; a problem 404 if there is none or the key does not cover it."""
        region = state.places.find(code)
        if region is None or not self.sees(region.country):
            raise unknown_region(code)
        return region

    def regions(self, state: ApiState, codes: Sequence[str]) -> tuple[str, ...]:
        """Ids of regions of any codes, each one covered; a problem 404 if one is not."""
        return tuple(dict.fromkeys(self.region(state, code).id for code in codes))

    def narrowed(self, state: ApiState, codes: Sequence[str]) -> tuple[str, ...]:
        """The countries that a parameter asks for, each one covered; all of the key's if it asks
        for none. A problem 404 if one is not covered, 422 if one is no country.
        """
        return self._countries(state, codes, partial(_wrong_parameter, "country"))

    def places(
        self, state: ApiState, countries: Sequence[str], regions: Sequence[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The countries and regions that a body names, each one covered; countries as above.

        A problem 404 if one is not covered, 422 if a region lies in no country that is named.
        """
        held = self._countries(state, countries, partial(_wrong_field, "countries"))
        named = self.regions(state, regions)
        for id_ in named if countries else ():
            if state.places.get(id_).country not in held:
                raise _wrong_field("regions", f"{id_} lies in none of the countries that you name")
        return held, named

    def offices(self, state: ApiState) -> list[Office]:
        """The offices that watch any country of the key, with those countries alone."""
        return [
            replace(office, countries=self._covered(office.countries))
            for office in state.rulebook.offices
            if self.key.covers_any(office.countries)
        ]

    def hears(self, state: ApiState, rule: Rule) -> bool:
        """Whether a rule speaks to any of these offices."""
        return any(self.key.covers_any(each.countries) for each in state.rulebook.offices_of(rule))

    def unheard(self, state: ApiState) -> frozenset[str]:
        """Ids of the rules in force that speak to none of these offices."""
        return frozenset(rule.id for rule in state.rulebook.rules if not self.hears(state, rule))

    def _covered(self, countries: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in countries if each == EVERYWHERE or self.sees(each))

    def _countries(
        self, state: ApiState, codes: Sequence[str], wrong: Callable[[str], Problem]
    ) -> tuple[str, ...]:
        found = {code: self.region(state, code) for code in codes}
        for code, region in found.items():
            if region.level is not Level.COUNTRY:
                raise wrong(f"{code} is a part of a country; name it as a region")
        return tuple(dict.fromkeys(region.id for region in found.values())) or self.countries


def _wrong_field(name: str, reason: str) -> Problem:
    return wrong_fields((name, reason))


def _wrong_parameter(name: str, reason: str) -> Problem:
    return wrong_parameters((name, reason))


class Requires:
    """A dependency that lets a request in whose key carries one of the scopes, or `every` one."""

    def __init__(self, *scopes: str, every: bool = False) -> None:
        self.scopes = scopes
        self.every = every

    def __call__(
        self,
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        _header: Annotated[str | None, Depends(_header)],
    ) -> Reader:
        """The reader; a problem 401 without a good key, 403 without a scope.

        The two parameters are for the OpenAPI document: both ways to send a key.
        """
        return self.reader_of(request)

    def reader_of(self, request: Request) -> Reader:
        """As above, looked up once for each request."""
        known: Reader | None = getattr(request.state, "reader", None)
        if known is None:
            known = request.state.reader = Reader(self._key_of(request))
        return known

    def _key_of(self, request: Request) -> ApiKey:
        key = _proven(request.app.state.ewarn, _sent_key(request))
        held = [key.allows(scope) for scope in self.scopes]
        if not (all(held) if self.every else any(held)):
            named = (" and " if self.every else " or ").join(self.scopes)
            raise Problem(
                "scope-required",
                f"The key {key.prefix} lacks the scope {named}.",
                members={"scope": list(self.scopes)},
            )
        return key


def _sent_key(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.headers.get("x-api-key") or None


def _proven(state: ApiState, text: str | None) -> ApiKey:
    if text is None:
        raise _refused("The request carries no API key.")
    parts = split(text)
    if parts is None or not parts[0].isalnum():
        raise _refused("The API key is not written as prefix.secret: copy it whole.")
    prefix, secret = parts
    with state.store.read() as connection:
        key = keys.find(connection, prefix)
    if key is None or not proves(key, secret, state.clock()):
        raise _refused("The API key is unknown, expired or revoked.")
    return key


def _refused(detail: str) -> Problem:
    return Problem("key-required", detail, headers={"WWW-Authenticate": 'Bearer realm="ewarn"'})


ReadsScores = Annotated[Reader, Depends(Requires("scores:read"))]
ReadsAlerts = Annotated[Reader, Depends(Requires("alerts:read"))]
ActsOnAlerts = Annotated[Reader, Depends(Requires("alerts:act"))]
Subscribes = Annotated[Reader, Depends(Requires("subscriptions:write"))]
ReadsEvents = Annotated[Reader, Depends(Requires("events:read"))]
ReadsSources = Annotated[Reader, Depends(Requires("sources:read"))]
ReadsDeployments = Annotated[Reader, Depends(Requires("deployments:read"))]
WritesDeployments = Annotated[Reader, Depends(Requires("deployments:write"))]
ReadsBriefs = Annotated[
    Reader,
    Depends(Requires("scores:read", "alerts:read", "events:read", "deployments:read", every=True)),
]
ReadsAnything = Annotated[Reader, Depends(Requires(*sorted(READ_SCOPES)))]
