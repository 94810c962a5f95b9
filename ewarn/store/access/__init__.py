"""API keys, the audit trail, and redactions."""
