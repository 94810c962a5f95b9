"""Benchmarks: figures as ratios to a bare reference of the same run, logged by `make bench`."""
