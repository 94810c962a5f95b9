"""Reading sources: fetch, check, store, back-fill, and how sources are doing."""
