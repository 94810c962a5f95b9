"""Reader of ACLED's listings, page by page, until they are complete.

A listing may be updated while it is read: rows move from page to page, so that some come twice
and others not at all. It is complete when as many rows were seen as ACLED states, with the same
number on every page. If not, it is read again, three times at most.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ewarn.domain.time import parse_day
from ewarn.errors import RecordRejected, SourceDenied, SourceRefused, SourceUnreachable
from ingest.acled.rows import pared
from ingest.acled.token import REFUSED
from ingest.shared.json_records import read_json, whole_number
from ingest.shared.web import HttpAnswer

LIMIT = 5000  # rows of a page: ACLED's default
READINGS = 3  # of a listing that changes while it is read
MAX_PAGES = 2000

Question = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing.

    `total` is the number of rows of the whole listing, if it is stated. `follows` is the cursor of
    the next page, or None if ACLED numbers the pages instead. `embargo` is the newest day that the
    account may read (None: all days), and `restricted` is whether other rows are withheld from it.
    """

    body: bytes = field(repr=False)
    rows: list[Any] = field(repr=False)
    total: int | None
    follows: str | None
    by_cursor: bool
    embargo: date | None
    restricted: bool


@dataclass
class _Reading:
    """The progress of one reading of a listing, from its first page to its last."""

    seen: set[str] = field(default_factory=set)
    totals: set[int | None] = field(default_factory=set)
    pages: int = 0
    rows: int = 0
    by_cursor: bool = True

    def add(self, page: ListingPage) -> bool:
        """Add a page, and return whether it has any new row."""
        before = len(self.seen)
        self.seen |= {_event(row) for row in page.rows}
        self.totals.add(page.total)
        self.pages += 1
        self.rows += len(page.rows)
        self.by_cursor = self.by_cursor and page.by_cursor
        return len(self.seen) > before

    @property
    def total(self) -> int | None:
        """The number of rows that all pages state, or None if they differ or state none."""
        return next(iter(self.totals)) if len(self.totals) == 1 else None

    def is_whole(self, before: set[str] | None) -> bool:
        """Return whether no row can be missing.

        `before` are the rows of earlier readings; None if this is the first.
        """
        if self.totals - {None}:
            return self.total in (len(self.seen), len(self.seen | (before or set())))
        if self.pages <= 2:  # no row can move in one page and perhaps an empty last one
            return True
        is_steady = self.by_cursor and self.rows == len(self.seen)
        return is_steady or (before is not None and self.seen <= before)


def listing(
    ask: Callable[[Question], HttpAnswer], question: Question, hidden: Callable[[str], str]
) -> Iterator[tuple[ListingPage, bool]]:
    """Yield the pages with rows, each with whether it is the last one of the complete listing.

    If there are no rows, one empty page is yielded.

    Args:
        ask: Sends a request for a page.
        question: The selection of rows.
        hidden: Removes secrets from ACLED's error messages.

    Raises:
        SourceUnreachable: If the listing was never complete.
        SourceDenied: If ACLED refuses the account.
        SourceRefused: If ACLED reports a failure or its answer cannot be used.
    """
    given: set[str] = set()
    before: set[str] | None = None
    held: ListingPage | None = None
    for _ in range(READINGS):
        reading = _Reading()
        for page in _pages(ask, question, hidden, reading):
            versions = {_version(row) for row in page.rows}
            if held is None or not versions <= given:
                if held is not None:
                    yield held, False
                held = page
            given |= versions
        if reading.is_whole(before):
            assert held is not None
            yield held, True
            return
        before = reading.seen | (before or set())
    assert held is not None
    yield held, False
    said = reading.total
    raise SourceUnreachable(
        f"ACLED's listing moves while it is read: {len(before or ())} rows came in {READINGS} "
        f"readings, {'an unsteady number' if said is None else said} were announced. It will be "
        "read again."
    )


def _pages(
    ask: Callable[[Question], HttpAnswer],
    question: Question,
    hidden: Callable[[str], str],
    reading: _Reading,
) -> Iterator[ListingPage]:
    where: Question = {}
    for number in range(2, MAX_PAGES + 2):
        page = read_page(ask({**question, **where, "limit": LIMIT}), hidden)
        is_new = reading.add(page)
        yield page
        if _is_end(page, reading, is_new=is_new):
            return
        where = {"cursor": page.follows} if page.follows is not None else {"page": number}
    raise SourceRefused(f"ACLED's listing does not end after {MAX_PAGES} pages: narrow it.")


def _is_end(page: ListingPage, reading: _Reading, *, is_new: bool) -> bool:
    if not page.rows or (page.by_cursor and page.follows is None):
        return True
    if page.total is not None:
        return reading.rows >= page.total
    return not is_new  # ACLED repeats the same rows


def read_page(answer: HttpAnswer, hidden: Callable[[str], str]) -> ListingPage:
    """Parse one answer.

    Raises:
        SourceUnreachable: If it is damaged.
        SourceDenied: If ACLED refuses the account.
        SourceRefused: If it is not a listing.
    """
    if answer.is_page:
        raise SourceRefused(
            "ACLED answered with a web page instead of data: see whether it has moved, or is down."
        )
    try:
        document, _ = read_json(answer.body)
    except RecordRejected as error:
        raise SourceUnreachable(f"ACLED's answer cannot be used: {error}") from error
    if not isinstance(document, dict):
        raise SourceRefused("ACLED's answer is JSON, but not what it should be: see its API.")
    _check_status(document, hidden)
    rows = document.get("data")
    if not isinstance(rows, list):
        raise SourceRefused("ACLED's answer holds no list called `data`: see its API.")
    follows = document.get("next_cursor")
    restrictions = document.get("data_query_restrictions")
    restrictions = restrictions if isinstance(restrictions, dict) else {}
    return ListingPage(
        body=pared(document),
        rows=rows,
        total=whole_number(document.get("total_count")),
        follows=str(follows) if follows else None,
        by_cursor="next_cursor" in document,
        embargo=_embargo(restrictions),
        restricted=any(value for name, value in restrictions.items() if name != "date_recency"),
    )


def _check_status(document: Mapping[str, Any], hidden: Callable[[str], str]) -> None:
    """Raise an error if the body reports a failure, which ACLED can send with HTTP 200."""
    status, success = document.get("status", 200), document.get("success", True)
    says_well = str(status) in ("200", "0", "None", "") and str(success).lower() in ("true", "1")
    if says_well:
        return
    told = hidden(str(document.get("messages") or document.get("message") or ""))[:200]
    if str(status) in ("401", "403"):
        raise SourceDenied(f"{REFUSED} It says: {told}" if told else REFUSED)
    raise SourceRefused(
        f"ACLED answered that it failed (status {str(status)[:20]}, success {str(success)[:20]}"
        f"{': ' + told if told else ''}): see its API."
    )


def _embargo(restrictions: Mapping[str, Any]) -> date | None:
    """Return the newest day that an account may read, None for all, `date.min` if unclear."""
    recency = restrictions.get("date_recency")
    told = recency.get("date") if isinstance(recency, dict) else None
    if not recency or (isinstance(recency, dict) and not any(recency.values())):
        return None
    try:
        return parse_day(str(told)[:10])
    except ValueError:
        return date.min


def _event(row: object) -> str:
    """Return the key under which a listing counts a row once: an event, or one deletion of it."""
    if not isinstance(row, dict) or not row.get("event_id_cnty"):
        return str(row)
    return f"{row['event_id_cnty']} {row.get('deleted_timestamp')}"


def _version(row: object) -> str:
    """Return the key of a version of an event: a row with a new stamp must be read again."""
    return f"{_event(row)} {row.get('timestamp') if isinstance(row, dict) else ''}"
