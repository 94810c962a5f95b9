"""Compose messages and send them over channels such as mail, webhooks and chat services."""
