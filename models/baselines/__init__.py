"""Models that every better one is measured against."""
