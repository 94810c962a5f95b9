"""The database: append-only event versions, the count ledger, and queries under two time cuts."""
