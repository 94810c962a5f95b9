"""The detector Farrington-flexible (Noufaily et al. 2013)."""
