"""Field reports, which observers send and an office verifies."""
