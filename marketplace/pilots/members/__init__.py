"""Enterprises of a pilot's renovation list (notice 二(一), 二(二))."""
