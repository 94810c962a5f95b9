"""Limits of the requests a minute of an address and of a key: token buckets in memory.

A bucket is stored as the moment at which it is full again, so that one that is full need not be
stored. Buckets are of one process, and are used by one thread.
"""

import ipaddress
import math
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from time import monotonic

from starlette.types import Scope

from api.serving.problems import Problem
from ewarn.languages import problem_details

MOST_BUCKETS = 50_000  # some ten megabytes
WINDOW = 60.0  # seconds in which an empty bucket fills
FAILED_KEY = 20  # requests that one with a wrong key counts as
_KEY = "key"  # the name of the limit of a key
WRONG_KEY = "ewarn.wrong_key"  # in the scope of a request that named a wrong key
_LEFT = "ewarn.rate_limit"  # in a request's scope: its bucket, and the seconds until it is full


class Buckets:
    """Token buckets of the same size, by name. The least recently used are dropped first.

    Args:
        name: Name of the limit, as answers show it.
        size: Requests that a full bucket holds, and that flow in each minute.
        timer: Returns seconds; the start does not matter.
    """

    def __init__(
        self,
        name: str,
        size: int,
        timer: Callable[[], float] = monotonic,
        most: int = MOST_BUCKETS,
    ) -> None:
        self.name = name
        self.size = size
        self._timer = timer
        self._most = most
        self._each = WINDOW / size  # seconds in which one request flows in
        self._header = f'"{name}";r=%d;t=%d'.encode()
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, whose: str, scope: Scope) -> None:
        """Take one request from a bucket, and note in the scope how many are left.

        Raises:
            Problem: 429 if the bucket is empty.
        """
        now = self._timer()
        full_at = max(self._full_at.get(whose, now), now) + self._each
        seconds = full_at - now
        if seconds > WINDOW + 1e-9:
            scope[_LEFT] = (self, seconds - self._each)
            raise _too_many(self, math.ceil(seconds - WINDOW))
        self._keep(whose, full_at, now)
        scope[_LEFT] = (self, seconds)

    def charge(self, whose: str, requests: int) -> None:
        """Take up to that many requests more from a bucket, without a refusal."""
        now = self._timer()
        full_at = max(self._full_at.get(whose, now), now) + requests * self._each
        self._keep(whose, min(full_at, now + WINDOW), now)

    def _keep(self, whose: str, full_at: float, now: float) -> None:
        """Store a bucket, and forget others: one that is full again, or one too many."""
        kept = self._full_at
        kept[whose] = full_at
        kept.move_to_end(whose)
        oldest, its_full_at = next(iter(kept.items()))
        if its_full_at <= now or len(kept) > self._most:
            del kept[oldest]

    def shown(self, seconds: float) -> bytes:
        """Return the header of a bucket that is full again in some seconds."""
        left = int((WINDOW - seconds) / self._each + 1e-9)
        return self._header % (left, math.ceil(seconds))


class RateLimits:
    """The limits of one process. Zero requests a minute mean no limit."""

    def __init__(
        self, per_key: int, per_address: int, timer: Callable[[], float] = monotonic
    ) -> None:
        self.keys = Buckets(_KEY, per_key, timer) if per_key else None
        self.addresses = Buckets("address", per_address, timer) if per_address else None
        found = (each for each in (self.keys, self.addresses) if each is not None)
        self.policy = ", ".join(f'"{b.name}";q={b.size};w={WINDOW:.0f}' for b in found).encode()

    def headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        """Return the headers of the answer to a request.

        They are structured fields (draft-ietf-httpapi-ratelimit-headers): `q` requests in `w`
        seconds; `r` requests are left, and all of them again in `t` seconds.
        """
        left: tuple[Buckets, float] | None = scope.get(_LEFT)
        if left is None:
            return []
        buckets, seconds = left
        return [(b"ratelimit-policy", self.policy), (b"ratelimit", buckets.shown(seconds))]


def address_of(scope: Scope) -> str | None:
    """Return the address that a request is limited by, or None if it came through no network.

    All addresses of an IPv6 network of 64 bits are one: a subscriber has that many.
    """
    client = scope.get("client")
    if not client:
        return None
    host: str = client[0]
    return _network_of(host) if ":" in host else host[:64]


@lru_cache(maxsize=4096)
def _network_of(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host[:64]
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)


def _too_many(buckets: Buckets, seconds: int) -> Problem:
    is_key = buckets.name == _KEY
    said = problem_details.TOO_MANY_OF_KEY if is_key else problem_details.TOO_MANY_OF_ADDRESS
    return Problem(
        "too-many-requests",
        said(most=buckets.size, seconds=seconds),
        members={"violated-policies": [buckets.name]},
        headers={"Retry-After": str(seconds)},
    )
