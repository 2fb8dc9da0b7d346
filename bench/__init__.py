"""The benchmark and its yardsticks."""
