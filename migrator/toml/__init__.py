"""Settings in TOML: read, checked, and refused with the line where they are wrong."""
