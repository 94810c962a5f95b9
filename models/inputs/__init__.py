"""The inputs of models (sums, rates, neighbours and votes of a panel) and their targets."""
