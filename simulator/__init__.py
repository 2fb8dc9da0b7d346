"""Plays the outside world through the public API."""
