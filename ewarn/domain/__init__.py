"""The vocabulary of the service: plain Python without I/O or a clock."""
