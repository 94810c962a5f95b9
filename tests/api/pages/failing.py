"""A service behind the pages that fails."""

from typing import Any, Literal

import pytest

from api.pages.own_api import OwnApi


def make_api_fail(
    monkeypatch: pytest.MonkeyPatch, error: Exception, method: Literal["get", "post"] = "get"
) -> None:
    """Let each request of a page to the API fail with an error."""

    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(OwnApi, method, fail)
