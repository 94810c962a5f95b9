"""How scores become alerts: pure functions without a clock or a store."""
