"""Measures of skill, alarms and messages, with intervals by country."""
