"""Field reports from a KoboToolbox form."""
