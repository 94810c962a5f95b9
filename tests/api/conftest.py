"""All tests of the API see its fixtures."""

from tests.api.fixtures import asker, client, filled_template, world

__all__ = ["asker", "client", "filled_template", "world"]
