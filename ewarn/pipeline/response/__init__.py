"""Deployments, recommendations, their effect, and the brief of a country."""
