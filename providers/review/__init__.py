"""Condition checks, scoring and ranking."""
