"""Jobs and leases."""
