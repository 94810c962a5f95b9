"""What models see: sums, rates, neighbours and votes of a panel, and what is predicted."""
