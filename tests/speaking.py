"""How the fault tests try a provider: it speaks its format, first a little, then more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ewarn.ports import Source
from ingest.shared.web import Web
from tests.provider import Provider


@dataclass(frozen=True)
class Speaking:
    """How to try a source: what its provider serves at first, what it serves later, how the
    source is made, the hours of the two readings, and how many requests the second one takes.

    `begun_at` is how far the source was read before the first of them: where a source begins with
    much, it makes do with less. `waits` says that a file which is not there (404) counts as not
    published yet, and is waited for.
    """

    serve_first: Callable[[Provider], None]
    serve_more: Callable[[Provider], None]
    make: Callable[[Web, str], Source]
    first_at: datetime
    then_at: datetime
    requests: int
    begun_at: datetime | None = None
    waits: bool = False
