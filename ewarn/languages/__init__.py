"""Translation of messages, and formats of numbers and days in each language."""
