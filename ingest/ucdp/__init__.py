"""UCDP: deadly organised violence, coded by people."""
