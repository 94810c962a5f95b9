"""Small numerical functions: sums, logits, tails of counts, mixture weights, and the CRPS."""
