"""ACLED: events of political violence and protest, coded by people, published weekly.

Fetching is here, tokens in `acled_token`, listings in `acled_pages`, rows in `acled_rows`. Source:
ACLED API documentation (acleddata.com/api-documentation) as of 2026.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from ewarn.domain.source import Payload, Terms
from ewarn.domain.time import WEEK, midnight, require_utc
from ewarn.errors import SourceDenied, SourceEmbargoed, SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.ports import Places
from ingest.acled import rows as acled_rows
from ingest.acled.pages import ListingPage, Question, listing
from ingest.acled.token import REFUSED, Tokens
from ingest.shared.web import HttpAnswer, Web

BASE_URL = "https://acleddata.com"
# Some accounts may not read the newest twelve months: two years hold something for them too.
YEARS_BACK = timedelta(days=730)
# Rows become readable some time after the second they are stamped with; doubles do no harm.
OVERLAP = timedelta(days=1)
# ACLED's newest events are one to two weeks old when they appear.
EMBARGOED_AFTER = 3 * WEEK
NEVER_EMPTY = timedelta(days=60)  # somewhere in the world something has happened in that time
WHOLE_WORLD_FROM = date(2022, 1, 1)  # before, coverage began country by country
LICENCE = "acled"  # also of what others make of its events
COVERED_BACK = 5 * WEEK  # weeks before its newest day that a reading of the news speaks for


class AcledSource:
    """Events coded by researchers from media, organisations and local partners, reviewed weekly.

    Terms: for the holder of the account only; nothing is fitted on them. Where the operator
    states `EWARN_ACLED_LICENCE=own-desk`, detectors hold each region against its own past, and
    rows, scores and alerts go to holders of the licence `acled` alone; else to no key, and
    nothing is scored. Cadence: a week. Lag: known when ACLED stamped the row (`timestamp`), one
    to two weeks after the event. Revisions: frequent, for months; a changed row gets a new
    stamp, deletions are read too. Geography: the world since 2022, earlier by country; most
    rows at a town, others at the subdivision. Names of actors, notes and names of media are not
    asked for. An account without access to the newest months is `embargoed`, which is never
    read as peace.
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
        """That its terms keep it, where nobody stated otherwise."""
        return self.terms.unscored_for("EWARN_ACLED_LICENCE")

    @property
    def obstacle(self) -> str | None:
        """That there is no account, if there is none."""
        if self._has_account:
            return None
        return "EWARN_ACLED_USERNAME and EWARN_ACLED_PASSWORD must name a myACLED account"

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """What ACLED stamped or deleted since a day before `since`, deletions first; without
        `since` all events of the last two years, or from the day set.

        Only the last page moves the cursor, once all before it have come. Raises SourceEmbargoed
        after what the account may read, SourceDenied, SourceRefused or SourceUnreachable.
        """
        now = require_utc(now)
        first_day = self._since or (now - YEARS_BACK).date()
        mark = midnight(first_day) if since is None else require_utc(since)
        if since is not None:
            yield from self._deletions(mark, now)
        yield from self._events(mark, first_day, now)

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Every row as an event, skipped or rejected; raises RecordRejected."""
        yield acled_rows.read_rows(payload, places)

    def _deletions(self, mark: datetime, now: datetime) -> Iterator[Payload]:
        """Their pages leave the cursor where it was: events have not been read yet."""
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
        """One answer; a token that ended on the way is renewed, and the page asked for again."""
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
        # Its name says where the reading began, so that it is the same when it is read again.
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
    """The first day a reading speaks for: all of them at first, later what is news."""
    if mark == midnight(first_day):
        return max(first_day, WHOLE_WORLD_FROM)
    back = min(mark.date(), max(newest_day, WHOLE_WORLD_FROM)) - COVERED_BACK
    return max(first_day, WHOLE_WORLD_FROM, back)


def _check_embargo(page: ListingPage, first_day: date, mark: datetime, now: datetime) -> None:
    """Raises SourceEmbargoed where the newest weeks are kept from the account, and SourceRefused
    where a listing of the whole world over months is empty: neither is peace.
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
