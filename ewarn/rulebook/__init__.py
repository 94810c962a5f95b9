"""Readers of the operator's YAML files: rules, bands, offices and playbooks."""
