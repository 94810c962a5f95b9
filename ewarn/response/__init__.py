"""What is done about an alert: deployments step by step, and the follow-up of recommendations."""
