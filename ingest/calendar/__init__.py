"""Elections, votes and anniversaries, from calendar files."""
