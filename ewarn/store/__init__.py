"""The database: append-only versions, the ledger, and two cuts through time."""
