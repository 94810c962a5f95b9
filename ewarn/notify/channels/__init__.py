"""Channels: how messages reach people, and which addresses are allowed."""
