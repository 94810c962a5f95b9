"""What may leave the service: the shape of every record, message and table."""
