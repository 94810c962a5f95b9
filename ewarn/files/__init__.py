"""Reading of files that nobody vouches for, so that none costs more than it may."""
