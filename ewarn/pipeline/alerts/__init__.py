"""Alerts: rules on new scores, what people do to alerts, corrections, dry runs."""
