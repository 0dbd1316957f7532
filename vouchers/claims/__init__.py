"""Claims and their reviews."""
