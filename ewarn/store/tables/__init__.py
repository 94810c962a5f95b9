"""The tables. Most are append-only; only tables of delivery, leases and projections are updated."""
