"""What every request meets: keys, limits, answers, problems, metrics."""
