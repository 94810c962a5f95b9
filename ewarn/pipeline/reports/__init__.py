"""Field reports: submission, verification, erasure, and what is shown outside the office."""
