"""Reads: no events, no locks."""
