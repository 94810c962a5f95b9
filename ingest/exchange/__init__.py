"""The event-exchange format, and folders of it."""
