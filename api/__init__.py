"""The REST API and the web page that shows its content."""
