"""What the pages of the response show: deployments, recommendations, and the forms for both."""
