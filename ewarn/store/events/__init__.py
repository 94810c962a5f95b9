"""Events: append-only versions, the ledger of counts, and volumes."""
