"""Batches, payment files and what the bank answered."""
