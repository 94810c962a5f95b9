"""What was read: payloads, runs, accepted fields, changes of health."""
