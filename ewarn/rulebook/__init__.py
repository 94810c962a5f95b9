"""Rules, offices and bands as YAML, read with line numbers."""
