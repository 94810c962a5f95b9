"""ACLED's access tokens, which are renewed automatically (OAuth 2: password and refresh grants).

An access token is valid for 24 hours, a refresh token for 14 days. Time is measured by the
monotonic clock: if the wall clock were set back, an expired token would still be used.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from ewarn.errors import RecordRejected, SourceDenied, SourceRefused
from ingest.shared.json_records import read_json, whole_number
from ingest.shared.web import RequestNotAccepted, Web

CLIENT = "acled"  # the client id that ACLED expects with a password
HOLDS_FOR = 24 * 3600.0  # seconds, if the answer does not state it
EARLY = 300.0  # a token is renewed so many seconds before it expires

_TOKEN = re.compile(r"[\x21-\x7e]{1,10000}")  # the characters that a header can hold

REFUSED = (
    "ACLED refuses the account: check EWARN_ACLED_USERNAME and EWARN_ACLED_PASSWORD, log in at "
    "acleddata.com, accept its terms, and see that the profile is complete and has API access."
)


class Tokens:
    """One access token, shared by all threads and requested when it is first needed.

    Only tests set `monotonic`.
    """

    def __init__(
        self,
        web: Web | None,
        url: str,
        username: str,
        password: str,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._web = web
        self._url = url
        self._account = {"username": username, "password": password}
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token: str | None = None
        self._refresh: str | None = None
        self._ends_at = 0.0

    def current(self) -> str:
        """Return a valid token.

        Raises:
            SourceDenied: If the account is refused.
            SourceUnreachable: If ACLED does not answer.
            SourceRefused: If the answer is not a token.
        """
        with self._lock:
            if self._token is None or self._monotonic() >= self._ends_at:
                self._renew()
            assert self._token is not None
            return self._token

    def after(self, refused: str) -> str:
        """Return a token other than the refused one; raise as `current`.

        If several threads meet the same refusal, one of them renews the token, and the others use
        the new one.
        """
        with self._lock:
            if self._token is None or self._token == refused:
                self._renew()
            assert self._token is not None
            return self._token

    def hidden(self, text: str) -> str:
        """Return a text of the provider with account and tokens replaced by "…"."""
        secrets = (*self._account.values(), self._token, self._refresh)
        for secret in secrets:
            if secret:
                text = text.replace(secret, "…")
        return text

    def _renew(self) -> None:
        """Renew the token, with the refresh token if there is a valid one, else the password."""
        refresh, self._refresh, self._token = self._refresh, None, None
        if refresh is not None:
            try:
                return self._take({"refresh_token": refresh, "grant_type": "refresh_token"})
            except (SourceDenied, RequestNotAccepted):
                pass  # the refresh token has expired, so the password is used
        try:
            self._take(self._account | {"grant_type": "password"})
        except (SourceDenied, RequestNotAccepted) as error:
            raise SourceDenied(REFUSED) from error

    def _take(self, form: Mapping[str, str]) -> None:
        assert self._web is not None  # only a source that is never fetched has none
        asked_at = self._monotonic()
        answer = self._web.post(self._url, {"client_id": CLIENT, **form})
        given = _given(answer.body)
        token, refresh = given.get("access_token"), given.get("refresh_token")
        if not _is_token(token):
            raise SourceRefused(
                f"{self._url} answered without an access token: see whether ACLED has moved."
            )
        holds_for = float(whole_number(given.get("expires_in")) or HOLDS_FOR)
        self._token = token
        self._refresh = refresh if _is_token(refresh) else None
        self._ends_at = asked_at + max(holds_for - EARLY, holds_for / 2)


def _given(body: bytes) -> Mapping[str, Any]:
    try:
        document, _ = read_json(body)
    except RecordRejected:
        return {}
    return document if isinstance(document, dict) else {}


def _is_token(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None
