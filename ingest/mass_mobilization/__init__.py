"""Mass Mobilization: protests of 1990-2020, imported by hand."""
