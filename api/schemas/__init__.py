"""Request bodies, lists and errors. The records in a list are shapes of `ewarn.egress`."""
