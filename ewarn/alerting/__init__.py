"""When a score becomes an alert: pure functions, no clock, no store."""
