"""Who asks: the key of a request, the scope of a route, and the countries a key covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from api.problems import Problem, unknown_region
from api.state import ApiState
from ewarn.access.keys import proves, split
from ewarn.domain.key import READ_SCOPES, ApiKey
from ewarn.domain.region import Region
from ewarn.store import keys

_NOWHERE = "-"  # no country has this code: a key without countries sees nothing

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
        return self.key.countries or (_NOWHERE,)

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
        return tuple(self.region(state, code).id for code in codes)

    def narrowed(self, state: ApiState, codes: Sequence[str]) -> tuple[str, ...]:
        """The countries asked for, each one covered; all of the key's if none is asked for."""
        return self.regions(state, codes) if codes else self.countries


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
