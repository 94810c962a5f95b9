"""The tables. What happened is append-only; only delivery, leases and projections are updated."""
