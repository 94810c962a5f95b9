"""How a record that leaves the service is defined, once for every format."""
