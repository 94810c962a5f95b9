"""Store notifications, messages, attempts, endpoints, subscriptions and heartbeats."""
