"""The routes, one file for each noun; registered by one line each."""
