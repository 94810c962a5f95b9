"""What several sources need: the web, files, cells, positions."""
