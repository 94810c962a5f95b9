"""Events: append-only versions, the count ledger, and volumes."""
