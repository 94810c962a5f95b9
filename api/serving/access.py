"""Access control: the API key of a request, the scope of a route, and the countries of a key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.serving.browser_sessions import FORGERY_HEADER, check_same_site, session_of
from api.serving.known_keys import KnownKeys
from api.serving.problems import (
    Problem,
    several_regions,
    unknown_region,
    wrong_fields,
    wrong_parameters,
)
from api.serving.queries import settled
from api.serving.rate_limits import WRONG_KEY
from api.serving.state import ApiState
from ewarn.access.keys import proves, split
from ewarn.domain.key import EVERYWHERE, READ_SCOPES, ApiKey, Session
from ewarn.domain.region import Level, Office, Region
from ewarn.domain.rule import Rule
from ewarn.domain.time import end_of_day
from ewarn.languages import field_faults, problem_details
from ewarn.store.access import keys, partner_reads
from ewarn.store.access.partner_reads import PartnerRead
from ewarn.store.database.revision import Revision, RevisionReader

MOST_ACTOR = 80  # letters of a name that acts are recorded with
NOWHERE = "-"  # a code of no country, so that a key without countries sees nothing

_bearer = HTTPBearer(auto_error=False, description="An API key, `prefix.secret`.")
_header = APIKeyHeader(
    name="X-API-Key", auto_error=False, description="The same key, for simple clients."
)


async def state_of(request: Request) -> ApiState:
    """Return the state that the application was created with."""
    state: ApiState = request.app.state.ewarn
    return state


State = Annotated[ApiState, Depends(state_of)]


@dataclass(frozen=True, slots=True)
class Reader:
    """The client of a request, known by its API key. Every query is limited to `countries`.

    `session` is set for a person who signed in to the pages with the key.
    """

    key: ApiKey
    session: Session | None = None

    @property
    def name(self) -> str:
        """The name under which the client's actions are recorded."""
        if self.session is None:
            return self.key.name
        return f"{self.session.person} ({self.key.name})"[:MOST_ACTOR]

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries that a query is limited to; empty for all."""
        if self.key.is_everywhere:
            return ()
        return self.key.countries or (NOWHERE,)

    def sees(self, country: str) -> bool:
        """Return whether the key covers a country (alpha-3)."""
        return self.key.covers(country)

    def sees_region(self, region: Region) -> bool:
        """Return whether the key covers a region, which may be a country."""
        partner = self.key.partner
        return self.sees(region.country) and (partner is None or partner.covers_region(region.id))

    def sees_day(self, country: str, region: str, day: date) -> bool:
        """Return whether the key covers what is about a region and a day."""
        partner = self.key.partner
        return self.sees(country) and (partner is None or partner.cover(region, day))

    def days(self, since: date | None, until: date | None) -> tuple[date | None, date | None]:
        """Return the first and the last day of a request, within those of a partner's key."""
        partner = self.key.partner
        if partner is None:
            return since, until
        return max(since or partner.since, partner.since), min(until or date.max, partner.until)

    def moment(self, state: ApiState, asked: datetime | None) -> datetime:
        """Return the moment of a request (None: now), at most the end of a partner's days.

        Raises:
            Problem: 400 if the moment is after the service's clock.
        """
        partner, moment = self.key.partner, settled(state, asked)
        return moment if partner is None else min(moment, end_of_day(partner.until))

    def region(self, state: ApiState, code: str, within: Sequence[str] = ()) -> Region:
        """Return the region with a code of any scheme, or with a name, in any case.

        Args:
            within: The countries in which a name is looked for; none mean all of the key.

        Raises:
            Problem: 404 if there is no such region, if several have the name, or if the key does
                not cover it.
        """
        found = self._found(state, code, within)
        if not self.sees_region(found):
            raise unknown_region(code)
        return found

    def _found(self, state: ApiState, code: str, within: Sequence[str] = ()) -> Region:
        region = state.places.find(code) or state.places.country_named(code)
        found = self._named(state, code, within) if region is None else [region]
        if len(found) > 1:
            raise several_regions(code, [each.id for each in found])
        if not found:
            raise unknown_region(code)
        return found[0]

    def _named(self, state: ApiState, name: str, within: Sequence[str]) -> list[Region]:
        """Return the subdivisions that have a name, in some countries."""
        every = (
            within or self.countries or [each.id for each in state.places.regions(Level.COUNTRY)]
        )
        named = (state.places.named(name, country) for country in every)
        return [region for region in named if region is not None]

    def regions(
        self, state: ApiState, codes: Sequence[str], within: Sequence[str] = ()
    ) -> tuple[str, ...]:
        """Return the ids of regions given by codes of any scheme, or by names.

        If none is given, return those of a partner's key.

        Args:
            within: The countries in which names are looked for; none mean all of the key.

        Raises:
            Problem: 404 if the key does not cover one of them.
        """
        named = tuple(dict.fromkeys(self.region(state, code, within).id for code in codes))
        return named or (self.key.partner.regions if self.key.partner else ())

    def narrowed(self, state: ApiState, codes: Sequence[str]) -> tuple[str, ...]:
        """Return the countries that a parameter names, or all of the key if it names none.

        Raises:
            Problem: 404 if the key does not cover one of them, 422 if one is not a country.
        """
        return self._countries(state, codes, partial(_wrong_parameter, "country"))

    def places(
        self, state: ApiState, countries: Sequence[str], regions: Sequence[str]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the countries and the regions that a request body names.

        Countries are those of the key if the body names none.

        Raises:
            Problem: 404 if the key does not cover one of them, 422 if one is not a country or a
                region is outside the named countries.
        """
        held = self._countries(state, countries, partial(_wrong_field, "countries"))
        named = self.regions(state, regions)
        for id_ in named if countries else ():
            if state.places.get(id_).country not in held:
                raise _wrong_field("regions", field_faults.OUTSIDE_OF_COUNTRIES(region=id_))
        return held, named

    def offices(self, state: ApiState) -> list[Office]:
        """Return the offices that watch a country of the key, reduced to these countries."""
        return [
            replace(office, countries=self._covered(office.countries))
            for office in state.rulebook.offices
            if self.key.covers_any(office.countries)
        ]

    def is_notified_by(self, state: ApiState, rule: Rule) -> bool:
        """Return whether a rule notifies any of the offices that the key may see."""
        return any(self.key.covers_any(each.countries) for each in state.rulebook.offices_of(rule))

    def rules_without_notification(self, state: ApiState) -> frozenset[str]:
        """Return the ids of the rules in force that notify none of these offices."""
        return frozenset(
            rule.id for rule in state.rulebook.rules if not self.is_notified_by(state, rule)
        )

    def _covered(self, countries: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in countries if each == EVERYWHERE or self.sees(each))

    def _countries(
        self, state: ApiState, codes: Sequence[str], wrong: Callable[[str], Problem]
    ) -> tuple[str, ...]:
        found = {code: self._found(state, code) for code in codes}
        for code, region in found.items():
            if not self.sees(region.country):
                raise unknown_region(code)
            if region.level is not Level.COUNTRY:
                raise wrong(field_faults.IS_SUBDIVISION(code=code))
        return tuple(dict.fromkeys(each.id for each in found.values())) or self.countries


def _wrong_field(name: str, reason: str) -> Problem:
    return wrong_fields((name, reason))


def _wrong_parameter(name: str, reason: str) -> Problem:
    return wrong_parameters((name, reason))


class RequiredScope:
    """A dependency that admits a request whose key has one of the scopes, or `every` one."""

    def __init__(self, *scopes: str, every: bool = False) -> None:
        self.scopes = scopes
        self.every = every

    async def __call__(
        self,
        request: Request,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        _header: Annotated[str | None, Depends(_header)],
    ) -> Reader:
        """Return the reader.

        The two unused parameters put both ways of sending a key into the OpenAPI document.

        Raises:
            Problem: 401 without a valid key, 403 without the scope.
        """
        return await self.admit(request)

    async def admit(self, request: Request) -> Reader:
        """Return the reader of a request, whose key is looked up only once.

        Raises:
            Problem: 401 without a valid key, 403 without the scope, 429 over the limit of the key.
        """
        reader: Reader | None = getattr(request.state, "reader", None)
        if reader is None:
            reader = await _proven(request)
            state: ApiState = request.app.state.ewarn
            if state.limits is not None and state.limits.keys is not None:
                state.limits.keys.take(reader.key.prefix, request.scope)
            request.state.reader = reader
        held = [reader.key.allows(scope) for scope in self.scopes]
        if not (all(held) if self.every else any(held)):
            named = (" and " if self.every else " or ").join(self.scopes)
            detail = problem_details.LACKS_SCOPE(key=reader.key.prefix, scopes=named)
            raise Problem("scope-required", detail, members={"scope": list(self.scopes)})
        return reader


async def revision_of(request: Request) -> Revision:
    """Return the revision of the store, which is read once for each request.

    Raises:
        StoreError: The database cannot be reached.
    """
    known: Revision | None = getattr(request.state, "revision", None)
    if known is None:
        revisions: RevisionReader = request.app.state.revisions
        known = revisions.read() if revisions.is_quick else await run_in_threadpool(revisions.read)
        request.state.revision = known
    return known


def record_read(state: ApiState, reader: Reader, route: str) -> None:
    """Record in the audit trail that a partner used a route, by the template of its address."""
    with state.store.write() as connection:
        partner_reads.record(connection, PartnerRead(reader.key.prefix, route, state.clock()))


def _sent_key(request: Request) -> str | None:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    return request.headers.get("x-api-key") or None


async def _proven(request: Request) -> Reader:
    """Return the reader of a request, by the key that it sends or by the session of its cookie."""
    text = _sent_key(request)
    if text is None:
        return await _signed_in(request)
    return Reader(await proven_key(request, text))


async def proven_key(request: Request, text: str) -> ApiKey:
    """Return the key with a text, `prefix.secret`.

    Raises:
        Problem: 401 if there is no such key, or it is no longer valid.
    """
    parts = split(text)
    if parts is None or not parts[0].isalnum():
        raise _refused(problem_details.KEY_INCOMPLETE())
    key = await _known_key(request, parts[0])
    if key is None or not proves(key, parts[1], request.app.state.ewarn.clock()):
        request.scope[WRONG_KEY] = True
        raise _refused(problem_details.KEY_INVALID())
    return key


async def _signed_in(request: Request) -> Reader:
    """Return the reader of the session of a cookie.

    Raises:
        Problem: 401 without a session, or if its key is no longer valid; 403 if the request changes
            something and was not made by one of our own pages.
    """
    session = await session_of(request)
    if session is None:
        raise _refused(problem_details.NO_KEY())
    key = await _known_key(request, session.prefix)
    if key is None or not key.valid_at(request.app.state.ewarn.clock()):
        raise _refused(problem_details.KEY_OF_SESSION_INVALID())
    if not getattr(request.state, "is_page", False):  # a page checks the token in its form
        check_same_site(request, request.headers.get(FORGERY_HEADER), session)
    return Reader(key, session)


async def _known_key(request: Request, prefix: str) -> ApiKey | None:
    """Return the key with a prefix, from the store or from those that were read just before."""
    known: KnownKeys = request.app.state.known_keys
    revision = await revision_of(request)
    key = known.find(prefix, revision)
    if key is None:
        key = await run_in_threadpool(_stored, request.app.state.ewarn, prefix)
        if key is not None:
            known.keep(key, revision)
    return key


def _stored(state: ApiState, prefix: str) -> ApiKey | None:
    with state.store.read() as connection:
        return keys.find(connection, prefix)


def _refused(detail: str) -> Problem:
    return Problem("key-required", detail, headers={"WWW-Authenticate": 'Bearer realm="ewarn"'})


ReadsScores = Annotated[Reader, Depends(RequiredScope("scores:read"))]
ReadsAlerts = Annotated[Reader, Depends(RequiredScope("alerts:read"))]
ActsOnAlerts = Annotated[Reader, Depends(RequiredScope("alerts:act"))]
Subscribes = Annotated[Reader, Depends(RequiredScope("subscriptions:write"))]
ReadsEvents = Annotated[Reader, Depends(RequiredScope("events:read"))]
ReadsSources = Annotated[Reader, Depends(RequiredScope("sources:read"))]
ReadsDeployments = Annotated[Reader, Depends(RequiredScope("deployments:read"))]
WritesDeployments = Annotated[Reader, Depends(RequiredScope("deployments:write"))]
WritesReports = Annotated[Reader, Depends(RequiredScope("reports:write"))]
VerifiesReports = Annotated[Reader, Depends(RequiredScope("reports:verify"))]
ReadsBriefs = Annotated[
    Reader,
    Depends(
        RequiredScope("scores:read", "alerts:read", "events:read", "deployments:read", every=True)
    ),
]
# A trial shows at which probability a rule opens, and so the probabilities of scores, too.
TriesRules = Annotated[Reader, Depends(RequiredScope("scores:read", "alerts:read", every=True))]
ReadsAnything = Annotated[Reader, Depends(RequiredScope(*sorted(READ_SCOPES)))]
