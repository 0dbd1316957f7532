"""Staying on the roster."""
