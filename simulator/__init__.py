"""Plays the outside world through the public API: sellers, platforms, the carrier and sites of the eight zones."""
