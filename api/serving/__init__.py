"""What every request uses: keys, limits, query parameters, answers, errors and metrics."""
