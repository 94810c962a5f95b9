"""POLECAT, coded by software."""
