"""The vocabulary of the service: plain Python, no I/O, no clock."""
