"""Routes, nothing else: validate, call, answer."""
