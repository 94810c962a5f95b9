"""What is entrusted to an office: how it is sealed, and what must be settled to keep it."""
