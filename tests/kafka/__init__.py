"""Against a real broker."""
