"""Tax treatment of exports. May import customs, credit and common."""
