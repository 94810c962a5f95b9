"""ACLED, coded by people, published weekly."""
