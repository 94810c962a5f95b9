"""HEAD: many monitors ask for the headers alone."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Head:
    """Middleware that serves HEAD as GET and keeps the body back.

    Here and not on the routes, so that each stands once in the OpenAPI document.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, bare)
