"""The commands of the command line, with their options and help."""
