"""Field reports that observers send to this service."""
