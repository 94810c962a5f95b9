"""The interval that stands beside a figure: nine times in ten it holds what it is of."""

LEVEL = 0.9
INTERVAL = (0.05, 0.95)  # levels of its two ends
