"""The schema revisions, in the order of their numbers."""
