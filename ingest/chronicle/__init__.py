"""The embedded chronicle, for demonstrations and tests."""
