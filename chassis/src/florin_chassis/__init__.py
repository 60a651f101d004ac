"""The plumbing of a Florin service: transactions, the road of an event, HTTP and processes."""
