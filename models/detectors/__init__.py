"""Detectors, which decide whether a week is unusual, by past counts or by volume."""
