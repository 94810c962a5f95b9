"""The roof: command line, settings, wiring; the only room that knows every name and the clock."""
