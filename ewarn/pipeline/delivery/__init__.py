"""Who is notified of what, and messages on their way."""
