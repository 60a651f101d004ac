"""Asks what is outside of our own network over HTTP, and nothing that is inside."""
