"""What Florin's services say to each other, and to every other consumer of their events."""
