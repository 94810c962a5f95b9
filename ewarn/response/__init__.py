"""The response to alerts: the steps of deployments, and the follow-up of recommendations."""
