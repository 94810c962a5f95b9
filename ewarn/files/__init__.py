"""Readers of untrusted files, with limits on the memory and time that each file may use."""
