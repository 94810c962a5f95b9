"""Protection of confidential reports: encryption, conditions for storing them, signed links."""
