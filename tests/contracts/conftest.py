"""The contract of routes is tested in the API's invented world."""

from tests.api.fixtures import asker, client, filled_template, world

__all__ = ["asker", "client", "filled_template", "world"]
