"""Reading sources: fetch, check, store, back-fill, and the health of sources."""
