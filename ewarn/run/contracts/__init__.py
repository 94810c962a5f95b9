"""What every registered thing keeps to, for its own tests, in this repository or outside it."""
