"""Sources of event data, each in its own package and registered by one line."""
