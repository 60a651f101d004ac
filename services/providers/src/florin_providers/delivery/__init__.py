"""The process that delivers to webhooks: claims what is due, sends it, records how it went."""
