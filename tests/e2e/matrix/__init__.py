"""Every endpoint, asked by every role, for what is its own and for what is another's."""
