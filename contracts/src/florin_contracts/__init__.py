"""What Florin's services say to each other, and to every other program that consumes their events."""
