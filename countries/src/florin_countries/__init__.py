"""What each country asks of a party: country packs, and the checks that they name."""
