"""Make the fixtures of the API available to the tests of its formats."""

from tests.api.fixtures import asker, client, filled_template, world

__all__ = ["asker", "client", "filled_template", "world"]
