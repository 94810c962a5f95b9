"""Mass Mobilization, 1990-2020, imported by hand."""
