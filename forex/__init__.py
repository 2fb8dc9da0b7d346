"""Foreign exchange screens and records. May import customs, credit and common."""
