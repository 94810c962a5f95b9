"""Field reports from a KoboToolbox form, read completely each time, with the needed fields only.

The source is protected: nothing is fetched before the operator has set a key, a retention time and
the data controller. Only the questions named in the form's description are requested, and only
those are stored, sealed. Submissions are parsed in `ingest.kobo.rows`.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from ewarn.domain.source import Payload, Span, Terms
from ewarn.domain.time import WEEK
from ewarn.errors import SettingsError, SourceRefused
from ewarn.frames.events import ParsedBatch
from ewarn.languages import source_reasons
from ewarn.ports import Places
from ewarn.protect.conditions import Conditions
from ingest.kobo.form import Form, read_form
from ingest.kobo.rows import asked_fields, pared, read_submissions
from ingest.shared.office_reports import retention_of, terms_of, why_not_scored
from ingest.shared.web import Web

NAME = "kobo"
BASE_URL = "https://kf.kobotoolbox.org"
PAGE = 1000  # the most that a server gives at once
MOST_SUBMISSIONS = 200_000
LOOK_EVERY = timedelta(minutes=15)
_EVER = (date(1900, 1, 1), date(2100, 12, 31))
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class KoboSource:
    """Reports that an office's own staff send through a KoboToolbox form, after approval there.

    Terms: the office's own: rows are shown to nobody, and no model is fitted on them. Counts,
    scores and alerts of detectors are shown only to the office that `EWARN_KOBO_OFFICE` names.
    Cadence: read every 15 minutes, and soon after the server reports a new submission; reports come
    at no fixed times, so an absence of reports means nothing. Lag: known from its approval.
    Revisions: an edit is a new version; a report that was deleted, or is no longer approved, is
    withdrawn. Geography: as the form states, never finer than a subdivision and a week.
    """

    name = NAME
    cadence = None
    lag = 2 * WEEK  # the time until the reports of a week are approved
    look_every = LOOK_EVERY

    def __init__(
        self,
        web: Web | None = None,
        *,
        url: str = BASE_URL,
        token: str = "",
        asset: str = "",
        form: Path | None = None,
        push_secret: str = "",
        office: str = "",
        protection: Conditions | None = None,
    ) -> None:
        self._office = office
        self.push_secret = push_secret
        self._web = web
        self._url = url.rstrip("/")
        self._token = token
        self._asset = asset
        self._form_file = form
        self._protection = protection or Conditions()

    @property
    def terms(self) -> Terms:
        """The terms, which allow no use by others; the attribution names the data controller."""
        return terms_of(self._protection, self._office, "docs/data-protection.md")

    @property
    def not_scored(self) -> str | None:
        """The reason why reports are not scored: no office is set."""
        return why_not_scored(self._office, "EWARN_KOBO_OFFICE")

    @property
    def retention(self) -> timedelta:
        """How long payloads are stored, as the operator set it."""
        return retention_of(self._protection)

    @property
    def obstacle(self) -> str | None:
        """The reason why the source cannot be read: missing settings, or errors in them."""
        needed = {"EWARN_KOBO_TOKEN": self._token, "EWARN_KOBO_ASSET": self._asset}
        missing = [*self._protection.missing, *(name for name in needed if not needed[name])]
        if missing:
            return source_reasons.REPORTS_NOT_READ(settings=", ".join(missing))
        address = urlsplit(self._url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            return source_reasons.KOBO_IN_CLEAR()
        try:
            _ = self._form
        except SettingsError as error:
            return str(error)
        return None

    @cached_property
    def _form(self) -> Form:
        return read_form(self._form_file) if self._form_file else Form()

    def fetch(self, since: datetime | None, now: datetime) -> Iterator[Payload]:
        """Yield all submissions as they are now, so that absent ones count as deleted.

        Raises:
            SourceUnreachable: If the server does not answer.
            SourceDenied: If it refuses the account.
            SourceRefused: If its answer cannot be used.
        """
        del since  # edits and deletions have no time of their own, so all is read each time
        submissions = [pared(item, self._form) for item in self._submissions()]
        yield Payload(
            source=self.name,
            name=f"{self.name}-{self._asset}.json",
            body=json.dumps({"results": submissions}, sort_keys=True).encode(),
            fetched_at=now,
            whole=(Span("*", *_EVER, known_at=now),),
            protected=True,
        )

    def parse(self, payload: Payload, places: Places) -> Iterator[ParsedBatch]:
        """Yield the events of the approved submissions in one batch.

        It covers only the weeks in which somebody in a country reported: without reports, much may
        happen.

        Raises:
            RecordRejected: If the payload is not a list of submissions.
        """
        yield read_submissions(payload.body, self._form, places, payload.fetched_at)

    def _submissions(self) -> list[dict[str, Any]]:
        """Fetch every submission in the order of `_id`.

        Each page begins after the last number of the page before, so that submissions that are
        added or deleted meanwhile do not shift others. Addresses in answers are not followed.
        """
        found: list[dict[str, Any]] = []
        while True:
            last = found[-1]["_id"] if found else 0
            count, page = self._page(last)
            numbers: list[Any] = [last, *(item.get("_id") for item in page)]
            if not all(isinstance(number, int) for number in numbers) or any(
                later <= earlier for earlier, later in pairwise(numbers)
            ):
                raise SourceRefused(
                    "The server of EWARN_KOBO_URL does not list submissions in the order of _id."
                )
            found += page
            if len(found) > MOST_SUBMISSIONS:
                raise SourceRefused(
                    f"The form holds more than {MOST_SUBMISSIONS} submissions: archive old ones."
                )
            if not page or len(page) >= count:
                return found

    def _page(self, last: int) -> tuple[int, list[dict[str, Any]]]:
        """Return the number of submissions after the number `last`, and the first of them."""
        assert self._web is not None  # only a source that is never fetched has none
        answer = self._web.get(
            f"{self._url}/api/v2/assets/{quote(self._asset, safe='')}/data/",
            params={
                "format": "json",
                "limit": PAGE,
                "start": 0,
                "sort": '{"_id":1}',
                "query": json.dumps({"_id": {"$gt": last}}),
                "fields": json.dumps(asked_fields(self._form)),
            },
            headers={"Authorization": f"Token {self._token}"},
        )
        try:
            content = json.loads(answer.body)
            count, page = content["count"], content["results"]
        except (ValueError, KeyError, TypeError, RecursionError):
            count, page = None, None
        if not isinstance(count, int) or not isinstance(page, list):
            raise SourceRefused(
                "The server of EWARN_KOBO_URL answers something else than a list of submissions: "
                "check the address."
            )
        if not all(isinstance(item, dict) for item in page):
            raise SourceRefused(
                "The server of EWARN_KOBO_URL lists something that is not a submission."
            )
        return count, page
