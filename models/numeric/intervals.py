"""The level of intervals that are shown with a figure: 90%."""

LEVEL = 0.9
INTERVAL = (0.05, 0.95)  # levels of its two ends
