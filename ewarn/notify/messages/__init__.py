"""Messages: what they say, in the language of their reader."""
