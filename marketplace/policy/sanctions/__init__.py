"""Bans with basis and term (notice 六(二))."""
