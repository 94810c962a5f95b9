"""POLECAT: events in the world's news, coded by software."""
