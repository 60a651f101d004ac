"""The `florin` command line: looks at the road of the events over a live system, and mends it."""
