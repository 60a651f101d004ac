"""The whole system on one machine, for real, without Docker."""
