"""Deployments and recommendations."""
