"""Which model serves: fits, champions, and the evaluation of past scores."""
