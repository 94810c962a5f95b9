"""Which model serves: fits, champions, and how good past scores were."""
