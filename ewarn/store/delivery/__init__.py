"""Notices, messages, attempts, addresses, subscriptions and heartbeats."""
