"""Delivery: who is notified of what, and the messages until they are sent."""
