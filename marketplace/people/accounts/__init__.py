"""People, what they may act as, and how they sign in."""
