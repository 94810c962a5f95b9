"""Middleware that limits the requests of an address, before a key is looked up."""

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.problems import Problem, ProblemAnswer
from api.serving.rate_limits import FAILED_KEY, WRONG_KEY, RateLimits, address_of

_UNAUTHORIZED = 401


class Limited:
    """Refuses requests over the limit of their address, and shows in each answer what is left.

    What a key has left is shown in place of the address, once the key is known. A request with a
    wrong key counts as many, so that keys cannot be guessed: also on a page, which answers 422 or
    leads to the page to sign in.
    """

    def __init__(self, app: ASGIApp, limits: RateLimits, answer: ProblemAnswer) -> None:
        self._app = app
        self._limits = limits
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limits, addresses = self._limits, self._limits.addresses
        address = None if addresses is None else address_of(scope)

        async def limited(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *limits.headers(scope)]
                is_wrong = message["status"] == _UNAUTHORIZED or WRONG_KEY in scope
                if is_wrong and addresses and address is not None:
                    addresses.charge(address, FAILED_KEY - 1)
            await send(message)

        if addresses is not None and address is not None:
            try:
                addresses.take(address, scope)
            except Problem as problem:
                await self._answer(Request(scope), problem)(scope, receive, limited)
                return
        await self._app(scope, receive, limited)
