"""Statistical models that score the risk of escalation; one file each."""
