"""API keys, scopes and office scope."""
