"""Scheduled work by one elected worker, each run logged."""
