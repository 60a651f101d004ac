"""A service about weather: would it need what is tested here, then it belongs into the chassis."""
