"""Sources of event data; one file each, registered by one line."""
