"""Findings are cases that a person decides."""
