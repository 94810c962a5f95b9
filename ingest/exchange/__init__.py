"""The event-exchange format, and folders of exchange files."""
