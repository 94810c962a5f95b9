"""What people send, lists, and problems; what a list holds is a shape of `ewarn.egress`."""
