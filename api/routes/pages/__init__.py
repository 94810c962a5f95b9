"""Routes of the pages that people read and act on in a browser."""
