"""Construction of panels from event frames and from the ledger of counts."""
