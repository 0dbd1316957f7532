"""Provinces, cities, counties (GB/T 2260) and development zones with codes of their own."""
