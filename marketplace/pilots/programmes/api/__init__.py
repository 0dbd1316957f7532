"""REST of programmes and pilots."""
