"""ewarn: early-warning signal analysis for human-rights offices."""
