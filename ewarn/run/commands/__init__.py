"""The commands of `ewarn`, with their options and help."""
