"""From the domain to what leaves."""
