"""The languages that people read: catalogues of messages, and how numbers and days are written."""
