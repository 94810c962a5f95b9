"""Training rows, and the probability that alarms of a detector imply."""
