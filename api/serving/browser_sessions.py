"""Sessions in a browser: the cookie of a person who signed in, and the token against forgery.

The cookie can be neither read by a script nor sent by another site's form. A request that changes
something needs a second token besides, which only our own pages contain.
"""

import hmac
from datetime import timedelta
from secrets import compare_digest
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.serving.problems import Problem
from api.serving.state import ApiState
from ewarn.access.sessions import begin, token_hash
from ewarn.domain.key import LONGEST, Session
from ewarn.languages import problem_details
from ewarn.store.access import sessions

COOKIE = "ewarn_session"
FORGERY_HEADER = "X-Ewarn-Form"  # scripts of our pages send the token in this header
_USE_STORED_EVERY = timedelta(minutes=1)
_SAFE = ("GET", "HEAD")


async def session_of(request: Request) -> Session | None:
    """Return the valid session of the request's cookie, or None.

    Raises:
        StoreError: The database cannot be reached.
    """
    state: ApiState = request.app.state.ewarn
    token = request.cookies.get(cookie_name(state))
    if not token:
        return None
    found = await run_in_threadpool(_stored, state, token_hash(token))
    return found if found is not None and found.valid_at(state.clock()) else None


def _stored(state: ApiState, hash_: str) -> Session | None:
    with state.store.read() as connection:
        return sessions.find(connection, hash_)


def start(
    state: ApiState, prefix: str, person: str, answer: Response, before: Session | None = None
) -> None:
    """Begin a session of a person who proved to have a key, and set its cookie.

    Args:
        before: The session that the browser had until now, which ends.

    Raises:
        UsageError: The name is empty, too long, or no text.
    """
    session, token = begin(prefix, person, state.clock())
    with state.store.write() as connection:
        if before is not None:
            sessions.end(connection, before.token_hash)
        sessions.add(connection, session)
    lasts = int(LONGEST.total_seconds())
    answer.set_cookie(cookie_name(state), token, max_age=lasts, **_cookie(state))


def end(state: ApiState, session: Session, answer: Response) -> None:
    """End a session, and delete its cookie."""
    with state.store.write() as connection:
        sessions.end(connection, session.token_hash)
    answer.delete_cookie(cookie_name(state), **_cookie(state))


def record_use(state: ApiState, session: Session) -> None:
    """Store that the person did something, at most once a minute."""
    now = state.clock()
    if now - session.used_at >= _USE_STORED_EVERY:
        with state.store.write() as connection:
            sessions.record_use(connection, session.token_hash, now)


def forgery_token(state: ApiState, session: Session | None) -> str:
    """Return the token that a form of this session must contain."""
    about = "" if session is None else session.token_hash
    return hmac.new(state.secret, f"form {about}".encode(), "sha256").hexdigest()


def check_same_site(request: Request, token: str | None, session: Session | None) -> None:
    """Refuse a request that changes something and was not made by one of our own pages.

    Raises:
        Problem: 403 if the token is wrong, or if another site sent the request.
    """
    if request.method in _SAFE:
        return
    state: ApiState = request.app.state.ewarn
    sent_by = request.headers.get("origin")
    own = (request.headers.get("host"), urlsplit(state.base_url).netloc)
    # A page without an origin sends `null`, which has no host. It is not ours.
    is_own = sent_by is None or urlsplit(sent_by).netloc in filter(None, own)
    right = forgery_token(state, session)
    if not is_own or token is None or not compare_digest(token.encode(), right.encode()):
        raise Problem("form-refused", problem_details.FROM_ANOTHER_SITE())


def cookie_name(state: ApiState) -> str:
    """Return the name of the cookie of sessions.

    Over HTTPS it begins with `__Host-`. Browsers take such a cookie from this host alone, so that a
    neighbouring one cannot sign somebody in under another name.
    """
    return f"__Host-{COOKIE}" if _is_secure(state) else COOKIE


def _is_secure(state: ApiState) -> bool:
    # Without HTTPS, as on the own machine, browsers would refuse a secure cookie.
    return urlsplit(state.base_url).scheme == "https"


def _cookie(state: ApiState) -> dict[str, Any]:
    return {"httponly": True, "samesite": "lax", "secure": _is_secure(state), "path": "/"}
