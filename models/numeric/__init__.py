"""Small numerics: sums, logits, tails of counts, weights, and the CRPS."""
