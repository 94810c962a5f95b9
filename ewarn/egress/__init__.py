"""What may leave: the shape of every record, message and table."""
