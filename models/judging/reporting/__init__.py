"""The tables, charts and page of a back-test."""
