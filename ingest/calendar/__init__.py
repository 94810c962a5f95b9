"""Elections, votes and anniversaries, from files that somebody keeps."""
