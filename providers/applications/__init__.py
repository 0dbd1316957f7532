"""Dossiers and applications."""
