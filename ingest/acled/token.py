"""ACLED's access tokens, renewed without anybody's help (OAuth 2: password and refresh grants).

An access token holds for 24 hours, a refresh token for 14 days. Time is measured by the monotonic
clock: a wall clock that is set back would keep a dead token alive.
"""

import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from ewarn.errors import RecordRejected, SourceDenied, SourceRefused
from ingest.shared.json_records import read_json, whole_number
from ingest.shared.web import NotTaken, Web

CLIENT = "acled"  # ACLED's own name for those who ask with a password
HOLDS_FOR = 24 * 3600.0  # seconds, where the answer does not say
EARLY = 300.0  # seconds before its end in which a token is renewed

_TOKEN = re.compile(r"[\x21-\x7e]{1,10000}")  # what a header can carry

REFUSED = (
    "ACLED refuses the account: check EWARN_ACLED_USERNAME and EWARN_ACLED_PASSWORD, log in at "
    "acleddata.com, accept its terms, and see that the profile is complete and has API access."
)


class Tokens:
    """One token for all threads that ask. `monotonic` is given by tests; it does not ask before
    a token is wanted.
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
        """A token that holds; raises SourceDenied where the account is refused, SourceUnreachable,
        or SourceRefused where the answer is no token.
        """
        with self._lock:
            if self._token is None or self._monotonic() >= self._ends_at:
                self._renew()
            assert self._token is not None
            return self._token

    def after(self, refused: str) -> str:
        """A token other than the one that was refused. Of many threads that meet the same refusal
        one renews, and the others take what it got. Raises as `current` does.
        """
        with self._lock:
            if self._token is None or self._token == refused:
                self._renew()
            assert self._token is not None
            return self._token

    def hidden(self, text: str) -> str:
        """A text of the provider without what must not be written down."""
        secrets = (*self._account.values(), self._token, self._refresh)
        for secret in secrets:
            if secret:
                text = text.replace(secret, "…")
        return text

    def _renew(self) -> None:
        """By the refresh token if there is one and it is taken, else by the password."""
        refresh, self._refresh, self._token = self._refresh, None, None
        if refresh is not None:
            try:
                return self._take({"refresh_token": refresh, "grant_type": "refresh_token"})
            except (SourceDenied, NotTaken):
                pass  # it has ended: the password is asked for again
        try:
            self._take(self._account | {"grant_type": "password"})
        except (SourceDenied, NotTaken) as error:
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
