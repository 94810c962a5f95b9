"""Sources of event data; a room each, registered by one line."""
