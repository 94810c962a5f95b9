"""Simple models that the ensemble is compared with."""
