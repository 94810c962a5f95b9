"""Ingestion: payloads, runs, accepted fields, and changes of source health."""
