"""The one door: authenticates, routes, composes, protects."""
