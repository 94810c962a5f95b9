"""Code that several sources share: HTTP requests, files, cells and positions."""
