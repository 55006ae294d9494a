"""The whole walk, with real processes."""
