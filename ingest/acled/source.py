"""ACLED: events of political violence and protest, coded by people, published weekly.

This module fetches; tokens are in `ingest.acled.token`, listings in `ingest.acled.pages`, and rows
in `ingest.acled.rows`. Source: ACLED API documentation (acleddata.com/api-documentation) as of
2026.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from ewarn.domain.source import Payload, Terms
from ewarn.domain.time import WEEK, midnight, require_utc
from ewarn.errors import SourceDenied, SourceEmbargoed, SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.languages import source_reasons
from ewarn.ports import Places
from ingest.acled import rows as acled_rows
from ingest.acled.pages import ListingPage, Question, listing
from ingest.acled.token import REFUSED, Tokens
from ingest.shared.web import HttpAnswer, Web

BASE_URL = "https://acleddata.com"
# Some accounts may not read the newest twelve months, but find something in two years.
YEARS_BACK = timedelta(days=730)
# Rows become readable some time after their stamp, so a day is read twice, which does no harm.
OVERLAP = timedelta(days=1)
# ACLED's newest events are one to two weeks old when they appear.
EMBARGOED_AFTER = 3 * WEEK
NEVER_EMPTY = timedelta(days=60)  # the world always has some event in so long a time
WHOLE_WORLD_FROM = date(2022, 1, 1)  # before, coverage began country by country
LICENCE = "acled"  # also that of data which others derive from its events
COVERED_BACK = 5 * WEEK  # an update covers so many weeks before its newest day


class AcledSource:
    """Events coded by researchers from media, organisations and local partners, reviewed weekly.

    Terms: for the holder of the account only; no model is fitted on them. If the operator
    states `EWARN_ACLED_LICENCE=own-desk`, detectors compare each region with its own past, and
    rows, scores and alerts are shown to holders of the licence `acled` only. Otherwise no key sees
    them, and nothing is scored. Cadence: a week. Lag: known when ACLED stamped the row
    (`timestamp`), one to two weeks after the event. Revisions: frequent, for months; a changed row
    gets a new stamp, and deletions are read too. Geography: the world since 2022, earlier by
    country; most rows name a town, others the subdivision. Names of actors, notes and names of
    media are not requested. An account without access to the newest months is `embargoed`, which
    is never read as peace.
    """

    name = LICENCE
    cadence = WEEK
    lag = 4 * WEEK  # of the newest whole week, where a release is a week late
    retention = timedelta(days=30)
    terms = Terms(
        attribution="Armed Conflict Location & Event Data (ACLED), acleddata.com",
        licence="ACLED terms of use, by own account",
        redistribute=False,
        train=False,
        url="https://acleddata.com/eula",
    )

    def __init__(
        self,
        web: Web | None = None,
        *,
        url: str = BASE_URL,
        username: str = "",
        password: str = "",
        since: date | None = None,
        licence: str = "",
    ) -> None:
        self.terms = self.terms.stated(LICENCE, licence)
        self._web = web
        self._base_url = url.rstrip("/")
        self._since = since
        self._has_account = bool(username and password)
        self._tokens = Tokens(web, f"{self._base_url}/oauth/token", username, password)

    @property
    def not_scored(self) -> str | None:
        """The reason why its events are not scored, or None if the stated licence allows it."""
        return self.terms.unscored_for("EWARN_ACLED_LICENCE")

    @property
    def obstacle(self) -> str | None:
        """The reason why the source cannot be read: no account is set."""
        if self._has_account:
            return None
        return source_reasons.NO_ACLED_ACCOUNT()

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield what ACLED stamped or deleted since a day before `since`, deletions first.

        Without `since` these are all events of the last two years, or from the configured day on.
        Only the last page moves the cursor, after all pages before it.

        Raises:
            SourceEmbargoed: After all that the account may read.
            SourceDenied: If ACLED refuses the account.
            SourceRefused: If its answer cannot be used.
            SourceUnreachable: If it does not answer, or the listing never was complete.
        """
        now = require_utc(now)
        first_day = self._since or (now - YEARS_BACK).date()
        mark = midnight(first_day) if since is None else require_utc(since)
        if since is not None:
            yield from self._deletions(mark, now)
        yield from self._events(mark, first_day, now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield one batch, in which every row is an event, skipped or rejected.

        Raises:
            RecordRejected: If the payload is not a listing.
        """
        yield acled_rows.read_rows(payload, places)

    def _deletions(self, mark: datetime, now: datetime) -> Iterator[Payload]:
        """Yield pages of deletions, which do not move the cursor: events are read after them."""
        question: Question = {"deleted_timestamp": _since(mark), "deleted_timestamp_where": ">="}
        for number, (page, _) in enumerate(self._listing("deleted", question), start=1):
            if page.rows:
                yield self._payload("deletions", mark, number, page, now)

    def _events(self, mark: datetime, first_day: date, now: datetime) -> Iterator[Payload]:
        question: Question = {
            "timestamp": _since(mark),
            "timestamp_where": ">=",
            "event_date": first_day.isoformat(),
            "event_date_where": ">=",
            "fields": "|".join(acled_rows.FIELDS),
            "with_total": "true",
        }
        reached, newest_day = mark, date.min
        for number, (page, is_last) in enumerate(self._listing("acled", question), start=1):
            if page.rows:
                reached = max(reached, acled_rows.newest_stamp(page.rows, now) or mark)
                newest_day = max(newest_day, acled_rows.newest_day(page.rows, now) or date.min)
                days = (_covered_from(mark, first_day, newest_day), newest_day)
                tells_days = is_last and not page.restricted
                yield self._payload(
                    "events",
                    mark,
                    number,
                    page,
                    now,
                    reached=reached if is_last else None,
                    days=days if tells_days else None,
                )
            if is_last:
                _check_embargo(page, first_day, mark, now)

    def _listing(self, what: str, question: Question) -> Iterator[tuple[ListingPage, bool]]:
        url = f"{self._base_url}/api/{what}/read"
        ask = partial(self._asked, url)
        return listing(ask, {"_format": "json", **question}, self._tokens.hidden)

    def _asked(self, url: str, params: Question) -> HttpAnswer:
        """Return one answer; if the token expired meanwhile, renew it and ask again."""
        assert self._web is not None  # only a source that is never fetched has none
        token = self._tokens.current()
        try:
            return self._web.get(url, params=params, headers=_bearing(token))
        except SourceDenied:
            token = self._tokens.after(token)
        try:
            return self._web.get(url, params=params, headers=_bearing(token))
        except SourceDenied as error:
            raise SourceDenied(REFUSED) from error

    def _payload(
        self,
        what: str,
        mark: datetime,
        number: int,
        page: ListingPage,
        now: datetime,
        *,
        reached: datetime | None = None,
        days: tuple[date, date] | None = None,
    ) -> Payload:
        # The name states where the reading began, so that it is the same if it is read again.
        return Payload(
            source=self.name,
            name=f"{what} since {mark:%Y-%m-%dT%H:%M:%SZ}, page {number}",
            body=page.body,
            fetched_at=now,
            published_at=reached or mark,
            first_day=days[0] if days else None,
            last_day=days[1] if days else None,
        )


def _since(mark: datetime) -> int:
    return max(0, int((mark - OVERLAP).timestamp()))


def _bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "accept": "application/json"}


def _covered_from(mark: datetime, first_day: date, newest_day: date) -> date:
    """Return the first day that a reading covers: all days at first, later the recent ones."""
    if mark == midnight(first_day):
        return max(first_day, WHOLE_WORLD_FROM)
    back = min(mark.date(), max(newest_day, WHOLE_WORLD_FROM)) - COVERED_BACK
    return max(first_day, WHOLE_WORLD_FROM, back)


def _check_embargo(page: ListingPage, first_day: date, mark: datetime, now: datetime) -> None:
    """Check that missing events are not mistaken for peace.

    Raises:
        SourceEmbargoed: If the account may not read the newest weeks.
        SourceRefused: If a listing of the whole world over months is empty.
    """
    if page.embargo is not None and page.embargo < (now - EMBARGOED_AFTER).date():
        until = "" if page.embargo == date.min else f" after {page.embargo}"
        raise SourceEmbargoed(
            f"ACLED keeps events{until} from this account: ask ACLED for access to recent data, "
            "and read no calm into what is missing."
        )
    is_all = mark == midnight(first_day)
    if not page.rows and is_all and midnight(first_day) < now - NEVER_EMPTY:
        raise SourceRefused(
            f"ACLED lists no event at all since {first_day}: see what the account may read."
        )
