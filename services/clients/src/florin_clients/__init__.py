"""Who buys: clients and their users, what they order, what runs, and what they ask support."""
