"""Products, immutable editions and their listings."""
