"""The process that sends letters: claims what is due, makes the link, sends it, records the end."""
