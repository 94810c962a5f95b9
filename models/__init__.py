"""Statistical models that score the risk of escalation, their training and their evaluation."""
