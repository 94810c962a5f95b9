"""A page: who reads it, in which language, from where it takes its data, and how it is rendered."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from babel.dates import format_date, format_datetime
from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from api.pages.own_api import OwnApi, address
from api.pages.rendering import template
from api.serving.access import Reader
from api.serving.browser_sessions import forgery_token
from api.serving.problems import Problem
from api.serving.state import ApiState
from ewarn.domain.time import end_of_day, parse_day
from ewarn.languages import problem_details
from ewarn.languages.catalogues import (
    ENGLISH,
    complete_languages,
    preferred_language,
    translation,
)
from ewarn.languages.formats import own_name, percent
from ewarn.notify.messages.labels import band_words, target_words

LANGUAGE_COOKIE = "ewarn_language"
HTML = "text/html; charset=utf-8"
# A page is stored by the browser alone, and asked for again each time.
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Accept-Language"}


@dataclass(frozen=True, slots=True)
class WebPage:
    """The page of a request. `reader` is None on the pages that need no key.

    A page that explains a problem is of now: its address may be what is wrong.
    """

    request: Request
    reader: Reader | None
    explains_problem: bool = False

    @property
    def state(self) -> ApiState:
        """What the API serves."""
        found: ApiState = self.request.app.state.ewarn
        return found

    @property
    def api(self) -> OwnApi:
        """The API, with the rights of the reader and in the language of the page."""
        assert self.reader is not None
        return OwnApi(self.request.app, self.reader, self.language)

    @property
    def language(self) -> str:
        """The language: as the address asks, as it was chosen before, or that of the browser."""
        known = complete_languages()
        asked = self.request.query_params.get("lang", "")
        chosen = self.request.cookies.get(LANGUAGE_COOKIE, "")
        accepted = self.request.headers.get("accept-language", "")
        found = (each for each in (asked, chosen) if each in known)
        return next(found, preferred_language(accepted))

    def asked(self, name: str, default: str = "") -> str:
        """Return a parameter of the address, without spaces around it."""
        return self.request.query_params.get(name, "").strip() or default

    @property
    def as_of(self) -> str:
        """The past day of the address, `YYYY-MM-DD`; empty for now.

        Raises:
            Problem: 422 if it is not a day.
        """
        text = "" if self.explains_problem else self.asked("as_of")
        try:
            # The last day of the calendar has no end, so nothing is known of it.
            return end_of_day(parse_day(text)).date().isoformat() if text else ""
        except (ValueError, OverflowError):
            detail = problem_details.NO_DAY(text=repr(text[:40]))
            raise Problem("invalid-parameter", detail) from None

    @property
    def moment(self) -> datetime:
        """The moment that the page shows."""
        now = self.state.clock()
        return min(end_of_day(parse_day(self.as_of)), now) if self.as_of else now

    def can(self, scope: str) -> bool:
        """Return whether the reader's key has a scope."""
        return self.reader is not None and self.reader.key.allows(scope)

    def here(self, **changed: Any) -> str:
        """Return the address of this page with other parameters; None or empty removes one."""
        asked = {name: self.asked(name) for name in self.request.query_params if name != "part"}
        # A browser takes what follows two slashes for the name of another host.
        path = "/" + self.request.url.path.lstrip("/")
        return address(path, **(asked | changed))

    def gettext(self, message: str, **values: Any) -> str:
        """Return a message in the language of the page."""
        return translation(self.language).gettext(message) % values

    def render(
        self, name: str, context: Mapping[str, Any], *, status: int = 200, fresh: bool = True
    ) -> Response:
        """Return the page of a template, or 304 if the browser has the same one.

        Args:
            fresh: Whether the browser may keep the page.
        """
        body = template(name).render(self._context() | dict(context)).encode()
        headers = dict(_HEADERS) if fresh else {"Cache-Control": "no-store"}
        if fresh:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            if headers["ETag"] in self.request.headers.get("if-none-match", ""):
                return self._with_language(Response(status_code=304, headers=headers))
        return self._with_language(Response(body, status, headers, HTML))

    def redirect(self, path: str) -> Response:
        """Return a redirect after a form, so that the browser does not send the form again."""
        return RedirectResponse(path, 303, {"Cache-Control": "no-store"})

    def _with_language(self, answer: Response) -> Response:
        if self.asked("lang") == self.language:
            answer.set_cookie(LANGUAGE_COOKIE, self.language, max_age=31536000, samesite="lax")
        return answer

    def _context(self) -> dict[str, Any]:
        language, session = self.language, self.reader.session if self.reader else None
        return {
            "page": self,
            "language": language,
            "languages": {each: own_name(each) for each in complete_languages()},
            "person": session.person if session else "",
            "form_token": forgery_token(self.state, session),
            "day": partial(_day, language),
            "moment": partial(_moment, language),
            "percent": partial(_percent, language),
            "band_words": partial(_worded, band_words, language),
            "target_words": partial(_worded, target_words, language),
            "address": address,
        }


def _worded(words: Any, language: str, value: Any) -> str:
    return str(words(value, language))


def _locale(language: str) -> str:
    return "en_GB" if language == ENGLISH else language  # the day comes before the month


def _day(language: str, value: str | None, width: str = "medium") -> str:
    """Return a day, given as text, in words; `full` names its day of the week."""
    return format_date(parse_day(value[:10]), width, locale=_locale(language)) if value else "–"


def _moment(language: str, value: str | datetime | None) -> str:
    """Return a moment in words, in UTC."""
    if not value:
        return "–"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return format_datetime(moment, "d MMM y, HH:mm", locale=_locale(language)) + " UTC"


@lru_cache(maxsize=20_000)  # a long table asks for many of them
def _percent(language: str, share: float | None) -> str:
    return "–" if share is None else percent(share, language).replace(" ", "\u00a0")
