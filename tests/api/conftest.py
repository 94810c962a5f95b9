"""Make the fixtures of the API available to all its tests."""

from tests.api.browsing import browser
from tests.api.fixtures import asker, client, filled_template, world

__all__ = ["asker", "browser", "client", "filled_template", "world"]
