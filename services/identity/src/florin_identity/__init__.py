"""Who you are, what you may do, and who really did it: users, sessions, keys, impersonation."""
